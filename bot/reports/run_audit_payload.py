"""What the audit is told of a slot besides the command that it ran."""

from datetime import datetime

from bot.audit.records import AuditEntry
from bot.domain.request import Origin
from bot.reports.record import Report, Slot


def account(slot: Slot, report: Report | None, outcome: str, detail: str, at: datetime) -> AuditEntry:
    """`posted`, `not posted`, `skipped` or `merged`; joined by the slot's id with what its command did."""
    return AuditEntry(
        at=at,
        kind="outcome",
        trace=slot.id,
        team=report.team if report else "",
        actor=f"{Origin.SCHEDULE}:{slot.report}",
        channel=report.setting.channel if report else "",
        text=report.setting.command if report else "",
        outcome=outcome,
        detail=detail,
    )
