"""Something to look at or to take away: files, or an address elsewhere."""
