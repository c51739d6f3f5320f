"""Many checkouts: a report of each, and one scorecard over all."""
