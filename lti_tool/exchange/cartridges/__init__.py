"""Common Cartridges: resources as packages that LMSs take in."""
