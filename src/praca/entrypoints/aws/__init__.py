"""Functions that AWS Lambda calls."""
