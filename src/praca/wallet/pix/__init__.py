"""Recharges by Pix: charges, the provider, its notices."""
