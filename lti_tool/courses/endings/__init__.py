"""Telling teachers and coordinators, weeks before, that an agreement ends on which courses rest."""
