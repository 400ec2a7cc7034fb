"""Which trace answers a query, or none."""
