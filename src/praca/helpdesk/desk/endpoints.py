"""All routers of the desk."""

from praca.helpdesk.desk.tickets.endpoints import router as tickets

__all__ = ["routers"]

routers = (tickets,)
