"""`migration rules`: the catalogue, one rule, waivers of both places, and rules of one's own."""

from dataclasses import replace

import pytest
from migration_site import DBA, days, fields, migration_site, rows
from terminal_site import OPERATOR

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio

OWN = """
from migrations.rule import Basis, Evidence, Fires, Remedy, Rule, Severity

rule = Rule(
    module=__name__,
    title="A name without a team",
    severity=Severity.BLOCKER,
    basis=Basis.INFERRED,
    source="our own handbook",
    remedy=Remedy(text="Rename it."),
)


@rule.check
def check(facts):
    return Fires((Evidence(field="properties.displayName", value=facts.cluster.name),))
"""

WAIVERS = """
waivers:
  - {rule: PGR020, cluster: "ledger-*", until: 2026-12-31, owner: "@alice", reason: "moves with the app"}
  - {rule: pgr100, cluster: "*", until: 2026-11-22, owner: "@bob", reason: "long ago"}
"""


async def test_every_rule_is_listed(terminal):
    reply = await terminal.run("migration rules")

    found = rows(reply, "rules")
    assert reply.title.startswith(f"{len(found)} readiness rules: ")
    assert [row["Rule"] for row in found] == sorted(row["Rule"] for row in found)
    assert {row["Severity"] for row in found} == {"blocker", "action", "advice", "info"}
    assert {row["Origin"] for row in found} == {"pgbot"}
    assert "There are no waivers." in render_plain(reply)
    data = make_document(reply)["data"]
    assert len(data["rules"]) == len(found)
    assert data["waivers"] == []


async def test_an_endpoint_that_could_not_be_read_is_named_and_no_waiver_is_denied(terminal):
    """Its clusters may have waivers."""
    await terminal.fault(kind="status", status=403, api="v2", region="fr-par")

    reply = await terminal.run("migration rules")

    assert "The clusters that could be read have no waivers." in render_plain(reply)
    assert [each.region for each in reply.gaps] == ["fr/par"]


async def test_one_rule_is_explained(terminal):
    reply = await terminal.run("migration rules pgr020")

    assert reply.title == "PGR020: Replication mode SYNCHRONOUS does not exist in v2"
    assert fields(reply)["Severity"] == "blocker"
    assert fields(reply)["Source"].startswith("v2 specification")
    (rule,) = make_document(reply)["data"]["rules"]
    assert (rule["severity"], rule["is_custom"], rule["needs"]) == ("blocker", False, [])
    assert "pgbot run cluster replication CLUSTER" in render_plain(reply)


async def test_a_rule_that_there_is_not_is_answered_with_the_nearest(terminal):
    reply = await terminal.run("migration rules PGR02")

    assert not reply.ok
    assert "There is no readiness rule PGR02" in render_plain(reply)
    assert "Did you mean PGR0" in render_plain(reply)


async def test_waivers_of_app_yaml_stand_apart_and_lapsed_ones_say_so(tmp_path, monkeypatch):
    async with migration_site(tmp_path, monkeypatch, WAIVERS) as terminal:
        await terminal.run("migration waive PGR030 archive-2019 --until 1d --reason 'on its way'", actor=DBA)
        days(terminal, 2)
        reply = await terminal.run("migration rules")

    given = rows(reply, "waivers")
    fixed = {row["Rule"]: row["Until"] for row in rows(reply, "waivers-app-yaml")}
    assert [(row["Rule"], row["Cluster"], row["By"]) for row in given] == [
        ("PGR030", "archive-2019", "U0BOB")
    ]
    assert "expired" in given[0]["Until"]
    assert fixed == {
        "PGR020": "2027-01-01 00:00 UTC",
        "PGR100": "2026-11-23 00:00 UTC (expired)",
    }


async def test_a_waiver_of_app_yaml_counts_until_its_day_is_over(tmp_path, monkeypatch):
    async with migration_site(tmp_path, monkeypatch, WAIVERS) as terminal:
        before = await terminal.run("migration show ledger-prod")
        days(terminal, 39)
        after = await terminal.run("migration show ledger-prod")

    assert before.title.startswith("ledger-prod: ready")
    assert "Waived by @alice, until 2027-01-01T00:00:00Z: moves with the app" in render_plain(before)
    assert "Waived by @bob" not in render_plain(before)
    assert after.title.startswith("ledger-prod: blocked")


async def test_waivers_of_app_yaml_about_clusters_that_one_may_not_see_are_not_shown(tmp_path, monkeypatch):
    more = WAIVERS.replace("ledger-*", "hr-staging")
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    async with migration_site(tmp_path, monkeypatch, more, words=words) as terminal:
        hers = await terminal.run("migration rules", actor=replace(OPERATOR, person="U0VERA"))
        his = await terminal.run("migration rules", actor=DBA)

    assert [row["Cluster"] for row in rows(hers, "waivers-app-yaml")] == ["*"]
    assert [row["Cluster"] for row in rows(his, "waivers-app-yaml")] == ["hr-staging", "*"]


async def test_rules_of_a_folder_judge_with_the_others(tmp_path, monkeypatch):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "pgx001_team_in_name.py").write_text(OWN)
    async with migration_site(tmp_path, monkeypatch, f"\nmigration: {{rules: {folder}}}\n") as terminal:
        listed = rows(await terminal.run("migration rules"), "rules")
        shown = await terminal.run("migration show orders-prod --details")

    assert listed[-1]["Rule"] == "PGX001"
    assert listed[-1]["Origin"] == "your folder"
    assert shown.title == "orders-prod: blocked, pending"
    assert "[blocker] PGX001 A name without a team (inferred)" in render_plain(shown)


async def test_a_rule_file_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "pgx001_broken.py").write_text("rule = nothing_of_that_name\n")
    async with migration_site(tmp_path, monkeypatch, f"\nmigration: {{rules: {folder}}}\n") as terminal:
        reply = await terminal.run("migration status")

    assert not reply.ok
    assert "pgx001_broken.py line 1: NameError" in render_plain(reply)
