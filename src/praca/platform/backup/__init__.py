"""Backups of a city in one file each: made while it runs, checked, and restored.

Loaded by the commands that need it; ``marker`` alone is loaded by all.
"""
