"""Praça: one account and four counters of digital services for a Brazilian city."""
