"""Asynchronous questions on AWS: what is built there, and the folder of its functions."""
