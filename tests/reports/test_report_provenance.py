"""A report that is derived from something else than its last run starts afresh, and says so."""

from datetime import timedelta
from functools import partial

import pytest
from one_contract import DEMO_SETTINGS as SETTINGS
from report_kit import make_runner, one_report, pass_time, settings_with
from terminal_site import terminal_site

from bot.reports.record import Report
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio
LINE = {"name": "morning", "command": "cluster list", "when": "every hour"}


@pytest.fixture
def edit(tmp_path, monkeypatch):
    return partial(tell_after_edit, tmp_path, monkeypatch)


async def tell_after_edit(tmp_path, monkeypatch, old, new, *, hours=1, by=""):
    """Make a report in one process, edit app.yaml, and return what the next process says of it."""
    settings = settings_with(tmp_path, "reports: []\n" if by else one_report(**LINE), SETTINGS)
    async with terminal_site(tmp_path, monkeypatch, settings=settings, clusters=13) as terminal:
        at = make_runner(terminal.kernel)
        if by:
            setting = ReportSetting(**LINE, channel="C0OPS", owner=by)
            await at.rows.add(Report(setting=setting, by=by, team="T0DEMO", at=terminal.kernel.clock.now()))
        await at.look()
        await pass_time(terminal, at)
        assert "nothing to compare with yet" in at.posts.texts()[0]
    text = settings.read_text(encoding="utf-8")
    assert old in text
    settings.write_text(text.replace(old, new), encoding="utf-8")
    async with terminal_site(tmp_path, monkeypatch, settings=settings, clusters=13) as terminal:
        at = make_runner(terminal.kernel)
        for _ in range(1 + hours):
            await pass_time(terminal, at)
        return at.posts.texts()


@pytest.mark.parametrize(
    ("old", "new", "by", "cause"),
    [
        ("'cluster list'", "'summary backups'", "", "the report's command"),
        ("'cluster list'", "'cluster list --region de/fra'", "", "the report's command"),
        ("name: logistics", "name: transport", "", "the IONOS contracts in app.yaml"),
        ("number: 21000001", "number: 21000002", "", "the IONOS contracts in app.yaml"),
        (
            'to: [dba], allow: ["*"]',
            'to: [dba], allow: ["*"], clusters: [{tier: test}]',
            "U0BOB",
            "the permissions that it is made with",
        ),
    ],
)
async def test_what_is_derived_from_something_else_is_not_compared(edit, old, new, by, cause):
    first, second = await edit(old, new, hours=2, by=by)

    assert f"Not compared with Mon 23 Nov 10:00 (UTC). Changed since then: {cause}." in first
    assert "No longer" not in first
    assert "no change since Mon 23 Nov 11:00 (UTC)" in second


@pytest.mark.parametrize(("old", "new"), [("'cluster list'", "' cluster  list '"), ("dba: 2", "dba: 1")])
async def test_another_spelling_and_other_approvals_change_nothing(edit, old, new):
    [said] = await edit(old, new)

    assert "no change since Mon 23 Nov 10:00 (UTC)" in said


async def test_an_owner_who_was_told_of_one_lost_channel_is_told_of_another(tmp_path, monkeypatch):
    settings = settings_with(tmp_path, one_report(**LINE), SETTINGS)
    told = []
    for hours, channel in ((1, "C0OPS"), (2, "C0OPS"), (3, "C0ELSE")):
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("channel: 'C0OPS'", f"channel: {channel!r}"), encoding="utf-8")
        async with terminal_site(tmp_path, monkeypatch, settings=settings, clusters=13) as terminal:
            at = make_runner(terminal.kernel)
            at.posts.refuse |= {"C0OPS": "not_in_channel", "C0ELSE": "not_in_channel"}
            await at.look()
            await pass_time(terminal, at, timedelta(hours=hours))
            told.append([each.title for each in at.posts.tops("U0BOB")])

    assert told == [
        ["Your report morning can't be posted in C0OPS"],
        [],
        ["Your report morning can't be posted in C0ELSE"],
    ]
