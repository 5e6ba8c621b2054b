"""Colours and Streamlit's settings: what the dashboard looks like, and what it is not to do."""

from typing import Final

__all__ = [
    "BACKGROUNDS",
    "BAD",
    "BLUE",
    "FLAGS",
    "GOOD",
    "GREY",
    "ICON",
    "ORANGE",
    "SERIES",
    "VIOLET",
]

# Each stands out from both backgrounds by 3:1 at least, as WCAG asks of graphics; a test computes
# it. So one chart serves both.
BLUE: Final = "#2f7fd6"
GOOD: Final = "#1f9168"
ORANGE: Final = "#c9731a"
BAD: Final = "#d9465a"
VIOLET: Final = "#9464d8"
GREY: Final = "#7d8590"
SERIES: Final = (BLUE, ORANGE, GOOD, VIOLET, BAD, GREY)

BACKGROUNDS: Final = {"light": "#ffffff", "dark": "#12161c"}

ICON: Final = (
    '<svg viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6b53"/>'
    '<path d="M8 24V16M16 24V8M24 24V13" stroke="#fff" stroke-width="4" stroke-linecap="round"/>'
    "</svg>"
)
"""The tab's picture: any of Streamlit's own symbols would be asked of a foreign host."""

_COLOURS: Final = list(SERIES)

FLAGS: Final[dict[str, object]] = {
    # Nothing leaves this machine, and nothing is asked on the terminal.
    "browser.gatherUsageStats": False,
    "server.headless": True,
    "server.showEmailPrompt": False,
    "logger.hideWelcomeMessage": True,
    # What fails is told in our own words; the log has the rest.
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "logger.level": "warning",
    # It is no workshop.
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.maxUploadSize": 1,
    "theme.chartCategoricalColors": _COLOURS,
    "theme.baseRadius": "medium",
    "theme.paddingTop": "2.5rem",
    "theme.metricValueFontSize": "1.6rem",
    "theme.headingFontSizes": ["1.9rem", "1.5rem", "1.3rem", "1.1rem", "1rem", "0.9rem"],
    "theme.showWidgetBorder": True,
    "theme.light.primaryColor": "#0b6b53",
    "theme.light.backgroundColor": BACKGROUNDS["light"],
    "theme.light.secondaryBackgroundColor": "#f2f6f4",
    "theme.light.textColor": "#1b2420",
    "theme.dark.primaryColor": "#4fc3a1",
    "theme.dark.backgroundColor": BACKGROUNDS["dark"],
    "theme.dark.secondaryBackgroundColor": "#1c232b",
    "theme.dark.textColor": "#e9eef0",
}
"""Settings of Streamlit that a file in somebody's home is not to change."""
