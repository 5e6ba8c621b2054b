"""What a process that is about to stop tells its clients."""

from dataclasses import dataclass

__all__ = ["Draining"]


@dataclass(slots=True)
class Draining:
    """How far the stop of this process has come; its server says so, the layers act upon it.

    Attributes:
        is_managed: whether a server that drains runs the application; it then also ends the
            streams when it is time to.
        closes_connections: whether every answer is the last one of its connection. A client that
            is told so opens another; one whose idle connection is closed may have just sent
            something over it, which is lost.
        refuses_traffic: whether a load balancer is to send its requests elsewhere: nobody goes on
            serving at this address.
    """

    is_managed: bool = False
    closes_connections: bool = False
    refuses_traffic: bool = False
