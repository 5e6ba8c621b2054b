"""The desk's background work."""

from typing import Final

from praca.helpdesk.desk.retention import FORGET_DESK
from praca.helpdesk.desk.tickets.notices import TELL_OF_REPLY
from praca.helpdesk.desk.unanswered.delivery import GIVE_ANSWER

__all__ = ["DESK_KINDS"]

DESK_KINDS: Final = (TELL_OF_REPLY, GIVE_ANSWER, FORGET_DESK)
