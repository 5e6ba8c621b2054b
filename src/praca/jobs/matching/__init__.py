"""Matching of people and vacancies."""
