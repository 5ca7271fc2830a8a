"""Support access: an operator sees a school's pages as its coordinators do, for a while, reading only, and is seen."""
