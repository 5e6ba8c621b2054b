"""Reviews of automated scores by people (Lei 13.709/2018, art. 20)."""

from praca.jobs.reviews.service import ReviewService

__all__ = ["ReviewService"]
