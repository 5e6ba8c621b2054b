"""Tickets: what a citizen wants a person to look at."""

from praca.helpdesk.desk.tickets.opening import open_ticket

__all__ = ["open_ticket"]
