"""Questions that are answered in the background, on PostgreSQL or on AWS.

What is behind this door loads neither the web framework nor the database: functions on AWS have
neither. ``replacing`` and ``adapters`` are doors of their own.
"""

from praca.helpdesk.questions.details import details_of
from praca.helpdesk.questions.service import Asked, QuestionLimits, QuestionService

__all__ = ["Asked", "QuestionLimits", "QuestionService", "details_of"]
