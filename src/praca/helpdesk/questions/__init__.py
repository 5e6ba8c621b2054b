"""Questions that are answered in the background, on PostgreSQL or on AWS."""
