"""Bringing much into the exchange at once: packages, backups, lists, files; every entry is told what became of it."""
