"""Which of several formats a client prefers."""

from collections.abc import Sequence
from email.message import Message

__all__ = ["preferred"]


def preferred(accept: str, offered: Sequence[str]) -> str:
    """Return the offered media type that an ``Accept`` header likes best, else the first.

    Source: RFC 9110, section 12.5.1. The first is given, too, to who wants none of them: an answer
    that he did not ask for says more than a refusal.
    """
    weights = dict(map(_range, accept.split(",")))

    def weight(media_type: str) -> float:
        family = media_type.partition("/")[0]
        for name in (media_type, f"{family}/*", "*/*"):
            if name in weights:
                return weights[name]
        return 0.0

    return max(offered, key=weight)  # of equals the first


def _range(text: str) -> tuple[str, float]:
    message = Message()
    message["Content-Type"] = text.strip()
    quality = message.get_param("q", "1")
    try:
        return message.get_content_type(), min(1.0, max(0.0, float(str(quality))))
    except ValueError:
        return message.get_content_type(), 0.0
