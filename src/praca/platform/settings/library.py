"""The library: where books are gathered from, how politely, and who may train."""

from enum import StrEnum

from pydantic import Field, field_validator

from praca.platform.settings.group import SettingsGroup

__all__ = ["LibrarySettings", "MlAccess", "ScrapeAccess"]


class MlAccess(StrEnum):
    """Who may train the library's models."""

    STAFF = "staff"
    PUBLIC = "public"


class ScrapeAccess(StrEnum):
    """Who may start and follow a crawl."""

    STAFF = "staff"
    SIGNED_IN = "signed_in"


class LibrarySettings(SettingsGroup):
    """The scraper, the sample bookshop, the library's models."""

    bookshop_url: str = Field(
        "https://books.toscrape.com",
        pattern=r"^https?://[^\s?#]+$",
        description="Shop that the catalogue is gathered from; another one of the same mark-up "
        "can be named.",
    )
    bookshop_port: int = Field(
        8082, ge=0, le=65535, description="Port of the sample bookshop; `0` picks a free one."
    )
    scrape_cron: str = Field(
        "off",
        description="When the shop is crawled by itself, as a cron expression in UTC, for example "
        "`0 4 * * *`; `off`: only when asked.",
    )
    scrape_concurrency: int = Field(4, ge=1, le=64, description="Requests to the shop at a time.")
    scrape_delay_s: float = Field(
        0.1, ge=0, le=60, description="Seconds between two requests to the same host, at least."
    )
    scrape_timeout_s: float = Field(
        20, gt=0, le=300, description="Seconds that one request to the shop may take."
    )
    scrape_tries: int = Field(
        4, ge=1, le=20, description="How often a page is asked for before it counts as failed."
    )
    scrape_backoff_s: float = Field(
        1,
        ge=0,
        le=60,
        description="Seconds before a page that failed is asked for again, more or less; they "
        "double with each failure.",
    )
    scrape_max_page_bytes: int = Field(
        2 * 1024 * 1024, ge=1024, description="Largest page that is read, in bytes."
    )
    scrape_max_pages: int = Field(100_000, ge=1, description="Most pages that one crawl asks for.")
    scrape_user_agent: str = Field(
        "PracaBot/0.1",
        min_length=1,
        max_length=200,
        pattern=r"^[\x20-\x7e]+$",
        description="How the scraper names itself to shops; add how to reach you: "
        "`PracaBot/0.1 (+https://biblioteca.example)`.",
    )
    scrape_access: ScrapeAccess = Field(
        ScrapeAccess.STAFF,
        description="Who may start and follow a crawl: `staff` (`bibliotecario`, `operador`, "
        "`admin`), or `signed_in`: any account, as in the old system.",
    )
    catalogue_fresh_s: float = Field(
        0.1,
        ge=0,
        le=60,
        description="Seconds by which what the catalogue answers may be old; 0: every request asks "
        "the database whether anything has changed.",
    )
    ml_access: MlAccess = Field(
        MlAccess.STAFF,
        description="Who may start a training of the library's models: `staff`, or `public` as in "
        "the old system.",
    )
    ml_folds: int = Field(
        5, ge=2, le=20, description="Parts that books are split into to evaluate a model of them."
    )
    ml_trees: int = Field(100, ge=1, le=1000, description="Trees of the library's random forests.")

    @field_validator("scrape_cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        # Few processes are given another time; it comes along with the queue.
        from croniter import croniter  # type: ignore[import-untyped]  # noqa: PLC0415

        if value != "off" and not croniter.is_valid(value):
            raise ValueError("a cron expression like `0 4 * * *` is needed, or `off`")
        return value

    @property
    def scrape_schedule(self) -> str | None:
        """The cron expression; None: switched off."""
        return None if self.scrape_cron == "off" else self.scrape_cron
