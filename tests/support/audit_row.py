"""A row of the audit log as it is read again, for tests of what is made of one."""

from audit_kit import START

from bot.audit.records import AuditRow

ROW = AuditRow(
    seq=7,
    at=START,
    kind="request",
    trace="t",
    team="",
    actor="bot",
    channel="",
    command="",
    text="",
    outcome="intended",
    detail="",
    requests=(),
    milliseconds=None,
    clusters=frozenset(),
    about=frozenset(),
    change=None,
    roles=None,
    rule=None,
    policy=None,
    digest=None,
    prev="",
    hash="",
)
