"""Who takes part: the catalogue, requests for seats, quotas and the waiting list."""
