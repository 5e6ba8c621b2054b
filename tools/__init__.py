"""Programs for those who work on Praça; no part of what is installed."""
