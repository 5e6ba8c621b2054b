"""Statements of transport cards."""
