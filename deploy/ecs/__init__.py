"""Praça on ECS: what is built there, and how a release comes to answer."""
