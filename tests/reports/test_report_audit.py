"""Audit rows of reports: the command and the end of each run, and what people do to them."""

from datetime import timedelta

import pytest
from change_requests import BOB
from report_kit import one_report, pass_time, report_line

pytestmark = pytest.mark.anyio
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def rows_of(terminal, trace):
    return [
        (row["kind"], row["actor"], row["channel"], row["command"], row["text"], row["outcome"])
        for row in await terminal.audit()
        if row["trace"] == trace
    ]


async def test_the_audit_has_the_command_and_the_post_of_a_slot_under_its_id(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)

        who = ("schedule:morning", "C0OPS")
        assert await rows_of(terminal, "report:morning:20261123T100000") == [
            ("invocation", *who, "version list", "version list", "accepted"),
            ("outcome", *who, "version list", "version list", "ok"),
            ("outcome", *who, "", "version list", "posted"),
        ]


async def test_the_audit_has_failed_merged_and_skipped_slots(opened):
    lines = one_report() + report_line("strict", late="skip")
    async with opened(lines) as (terminal, at):
        await at.look()
        at.posts.refuse["C0OPS"] = "not_in_channel"
        await pass_time(terminal, at, 2 * HOUR + 30 * MINUTE)

        ends = {
            (row["trace"], row["outcome"]): row["detail"]
            for row in await terminal.audit()
            if row["trace"].startswith("report:") and not row["command"]
        }
        late = "it could not run within ten minutes of its due time"
        assert ends == {
            ("report:morning:20261123T100000", "merged"): "merged into 2026-11-23 11:00 UTC",
            ("report:morning:20261123T110000", "not posted"): "Slack says not_in_channel",
            ("report:strict:20261123T100000", "skipped"): late,
            ("report:strict:20261123T110000", "skipped"): late,
        }


async def test_what_people_do_to_reports_is_audited_as_their_commands(opened):
    async with opened(one_report()) as (terminal, _):
        for line in ("report pause morning", "report resume morning", "report snooze morning 1d"):
            await terminal.run(line, BOB)

        said = [(row["actor"], row["command"], row["outcome"]) for row in await terminal.audit()]
        assert said == [
            ("os:bob as slack:U0BOB", command, outcome)
            for command in ("report pause", "report resume", "report snooze")
            for outcome in ("accepted", "ok")
        ]
