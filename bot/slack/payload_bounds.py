"""Bounds of what Slack delivers, kept before anything of it is read: strangers choose its texts."""

from collections import deque
from typing import Any

LONGEST_TEXT = 4_000
"""Characters of any text that are kept. The longest that is ours, a view's `private_metadata`, has 3,000."""

LONGEST_ID = 255
"""Characters of an id that are kept; Slack's own have about 11."""

MOST_PARTS = 50_000
"""Values that are kept; a message of 50 full blocks has about 20,000."""


def bound_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload with texts cut and, from the inside, without what exceeds the bounds.

    The outer parts come first, so that the sender is known whatever else is in it.
    """
    whole: dict[str, Any] = {}
    todo: deque[tuple[Any, Any]] = deque([(payload, whole)])
    left = MOST_PARTS
    while todo:
        source, target = todo.popleft()
        for key, value in source.items() if isinstance(source, dict) else enumerate(source):
            if left == 0:
                return whole
            left -= 1
            kept = value[:LONGEST_TEXT] if isinstance(value, str) else value
            if isinstance(value, dict | list):
                kept = type(value)()
                todo.append((value, kept))
            if isinstance(target, dict):
                target[key] = kept
            else:
                target.append(kept)
    return whole


def read_text(value: object) -> str:
    """Return a text or a number of a payload as text; empty for everything else."""
    return str(value) if isinstance(value, str | int | float) else ""


def read_id(value: object) -> str:
    """Return an id of a payload, cut to `LONGEST_ID` characters; empty where it is none."""
    return read_text(value)[:LONGEST_ID]
