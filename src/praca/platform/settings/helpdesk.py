"""The help desk: questions, their limits, how sure an answer must be, the chatbot."""

from pydantic import Field

from praca.platform.settings.group import SettingsGroup

__all__ = ["HelpdeskSettings"]


class HelpdeskSettings(SettingsGroup):
    """Questions and answers, and the conversation about them."""

    helpdesk_min_confidence: float = Field(
        0.5,
        ge=0,
        le=1,
        description="How sure the help desk must be that an article answers a question; below it "
        "says that it does not know, and offers the nearest services and a person.",
    )
    helpdesk_fresh_s: float = Field(
        1.0,
        ge=0,
        le=60,
        description="Seconds by which the articles that answers are made of may be old.",
    )
    answers_per_minute: int = Field(
        60,
        ge=1,
        description="Questions answered at once (`POST /answers`) per network address and minute "
        "before 429.",
    )
    question_max_chars: int = Field(
        2000, ge=10, le=20_000, description="Longest question, in characters."
    )
    question_max_pending: int = Field(
        20, ge=1, description="Questions of one session that may wait for an answer at a time."
    )
    question_max_per_hour: int = Field(
        120, ge=1, description="Questions that one session may ask in an hour."
    )
    question_keep_days: int = Field(
        90, ge=1, description="Days after which a session's questions are forgotten."
    )
    feedback_max_per_hour: int = Field(
        60,
        ge=1,
        description="Answers that one account, or one network address without an account, may "
        "judge in an hour.",
    )
    feedback_keep_days: int = Field(
        365, ge=1, description="Days after which what was said of an answer is forgotten."
    )
    unanswered_keep_days: int = Field(
        90,
        ge=1,
        description="Days after which an unanswered question leaves the operators' queue for good, "
        "dealt with or not.",
    )
    ticket_keep_days: int = Field(
        365,
        ge=1,
        description="Days after which a ticket is forgotten in which nobody has written any more.",
    )
    question_tries: int = Field(
        5, ge=1, le=100, description="How often a question is tried before it counts as failed."
    )
    question_lease_s: float = Field(
        60,
        gt=0,
        le=3600,
        description="Seconds that a worker may take over a question; after them another takes it "
        "up, since the first has died.",
    )
    question_concurrency: int = Field(
        32, ge=1, le=1000, description="Questions that one worker has in hand at a time."
    )
    question_listeners: int = Field(
        1000,
        ge=1,
        description="Connections that may wait for answers in each process of the API.",
    )
    question_listeners_per_session: int = Field(
        5, ge=1, description="Those of one session among them."
    )
    question_sessions_per_address: int = Field(
        60,
        ge=1,
        description="Anonymous question sessions that may be opened from one network address in "
        "an hour before 429.",
    )
    chatbot_questions_per_minute: int = Field(
        20,
        ge=1,
        description="Questions that one person may ask the chatbot in a minute before 429; its "
        "menu goes on working.",
    )
    chatbot_forget_minutes: int = Field(
        30, ge=1, description="Minutes after which the chatbot forgets what it was talking about."
    )
