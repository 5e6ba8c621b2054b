"""Sign-in by way of other providers."""

from praca.identity.social.service import SocialService
from praca.identity.social.tasks import CLEAN_SOCIAL

__all__ = ["CLEAN_SOCIAL", "SocialService"]
