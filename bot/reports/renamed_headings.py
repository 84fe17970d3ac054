"""Headings that earlier releases used: stored results and settings of reports still have them."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

_TODAY = {
    "Backups that need a look": "Backups that need attention",
    "Backups that nobody could look at": "Backups that could not be read",
    "Waivers about to lapse": "Waivers about to expire",
    "What clusters can be restored to": "Recovery windows",
    "Changed around the bot": "Changed outside the bot",
    "Without a trace at IONOS": "Not recorded by IONOS",
    "Waivers of app.yaml": "Waivers in app.yaml",
    "Active": "Current backup",
    "Asked by": "Requester",
    "Cannot tell": "Could not be read",
    "How we know": "Evidence",
    "Kept days": "Retention (days)",
    "Look wrong": "With problems",
    "Made by": "Created by",
    "Newest": "Latest",
    "On v2 alone": "Only on v2",
    "Seen": "Evidence",
    "What it says": "Message",
    "Worst": "Worst finding",
}
"""Names of tables, columns and fields, each with the one that it has now."""


def current_heading(heading: str) -> str:
    """Return the heading as it is called now."""
    return _TODAY.get(heading, heading)


def rename_headings(stored: Mapping[str, T]) -> dict[str, T]:
    """Return the values under the headings that they have now."""
    return {current_heading(name): value for name, value in stored.items()}
