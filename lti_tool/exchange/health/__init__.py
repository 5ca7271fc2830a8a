"""Do the addresses and files of published resources still answer? Asked each night; owners are told."""
