"""Checks of a change's start, end and post-incident review against its rows."""

from collections.abc import Iterator

from .reading import Bundle, own

OVER = {"done", "failed", "accepted but not in effect", "denied", "withdrawn", "expired", "replaced"}

GIVEN_BACK = ("turn given back", "approval taken back")
"""Outcomes after which the change may not be running."""


def outcome(bundle: Bundle) -> Iterator[str]:
    """Yield differences in the final state and its result."""
    change = bundle["change"]
    ends = [row for row in own(bundle, "change", "decision") if row["outcome"] in OVER]
    if bool(ends) != (change["state"] in OVER) or (ends and ends[-1]["outcome"] != change["state"]):
        yield f"the audit does not say that it is {change['state']}"
    elif ends and ends[-1]["detail"].rstrip(".") != change["result"].rstrip("."):
        yield "the audit says another result"


def times(bundle: Bundle) -> Iterator[str]:
    """Yield differences in the times of start and end."""
    change, ended = bundle["change"], None
    began: set[str | None] = {None}
    for row in own(bundle, "change", "decision"):
        if row["kind"] == "change" and row["outcome"] == "running":
            began = {row["at"]}
        elif row["outcome"] in GIVEN_BACK:
            began = {*began, None}
        elif row["outcome"] in OVER:
            ended = row["at"]
    if change["started_at"] not in began:
        yield "the audit has another time than its started_at"
    if change["ended_at"] != ended:
        yield "the audit has another time than its ended_at"


def broken_glass(bundle: Bundle) -> Iterator[str]:
    """Yield differences about break-glass and its review."""
    change, said = bundle["change"], own(bundle, "decision")
    broken = [row for row in said if row["outcome"] == "break-glass"]
    reviewed = any(row["outcome"] == "reviewed" for row in said)
    if bool(change["skipped"]) != bool(broken):
        yield "the audit says otherwise whether it went ahead without approval"
    elif broken and not change["skipped"].endswith(f": {broken[-1]['detail'].strip()}"):
        yield "the audit has another reason for going ahead without approval"
    if bool(change["reviewed_by"]) != reviewed:
        yield "the audit says otherwise whether somebody has reviewed it"
