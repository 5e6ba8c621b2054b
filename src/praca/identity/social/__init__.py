"""Sign-in by way of other providers."""
