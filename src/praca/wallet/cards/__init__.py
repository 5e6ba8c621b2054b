"""Transport cards."""
