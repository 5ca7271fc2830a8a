"""Groups across schools: sets of groups, who is in which, and which set an activity uses."""
