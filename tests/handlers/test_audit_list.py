"""`audit list`: filtered, newest first, and nothing about clusters that the asker may not see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from audit_site import ALICE, BOB, OPERATOR, PERMISSIONS, VERA, audit_site, notes_of, rows_of

from bot.domain.reply import Choices, Warn
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        yield site


async def test_one_row_for_each_thing_asked_newest_first_and_this_one_too(site):
    await site.ask("cluster show orders-prod")
    await site.ask("cluster lsit")

    reply = await site.ask("audit list")
    rows, entries = rows_of(reply), make_document(reply)["data"]["entries"]

    assert [(row["Typed"], row["Outcome"]) for row in rows] == [
        ("audit list", "accepted"),
        ("cluster lsit", "mistyped"),
        ("cluster show orders-prod", "ok"),
        ("people, permissions, approvals or clusters of the settings", "began"),
    ]
    assert [row["Code"] for row in rows] == [None, "command.unknown", None, None]
    assert [(each["id"], each["seq"]) for each in entries] == [
        (str(row["Entry"]), row["Entry"]) for row in rows
    ]
    assert (entries[1]["code"], entries[2]["cluster_ids"], entries[2]["at"]) == (
        "command.unknown",
        [(await site.named("orders-prod")).id],
        "2026-11-23T09:00:00Z",
    )
    assert rows[2]["Cluster"] == "orders-prod"
    assert rows[2]["Who"] == "slack:U0BOB"


async def test_steps_adds_the_rows_from_before_a_command_ran(site):
    await site.ask("whoami")

    rows = await site.rows("audit list --steps --command whoami")

    assert [row["Outcome"] for row in rows] == ["ok", "accepted"]


FILTERS = {
    "--actor U0ALICE": {"whoami", "backup list"},
    "--actor @olga": {"status"},
    "--command cluster": {"cluster show orders-prod", "cluster list"},
    "--command clus": set(),
    "--cluster orders-prod": {"cluster show orders-prod"},
    "--outcome denied": {"backup list"},
    "--since 30m": {"cluster list"},
    "--until 30m --command cluster": {"cluster show orders-prod"},
    "--outcome ok --actor U0BOB --command 'cluster list'": {"cluster list"},
}


async def test_every_filter_that_is_given_must_fit(site):
    await site.ask("whoami", ALICE)
    await site.ask("backup list", ALICE)
    await site.ask("status", OPERATOR)
    await site.ask("cluster show orders-prod")
    site.terminal.kernel.clock.advance(timedelta(hours=1))
    await site.ask("cluster list")

    found = {
        filters: {row["Typed"] for row in await site.rows(f"audit list {filters}")} for filters in FILTERS
    }

    assert {
        filters: {each for each in typed if not each.startswith("audit") and "not listed" not in each}
        for filters, typed in found.items()
    } == FILTERS


@pytest.mark.parametrize(
    ("person", "found"),
    [
        ("os:root", ["os:root as slack:U0ALICE", "os:root"]),
        ("U0ALICE", ["slack:U0ALICE", "os:root as slack:U0ALICE"]),
        ("slack:U0ALICE", ["slack:U0ALICE", "os:root as slack:U0ALICE"]),
    ],
)
async def test_somebody_at_the_terminal_is_found_by_both_names(site, person, found):
    root = replace(OPERATOR, id="root")
    for who in (root, replace(root, person="U0ALICE"), ALICE):
        await site.ask("whoami", who)

    rows = await site.rows(f"audit list --command whoami --actor {person}")

    assert [row["Who"] for row in rows] == found


async def test_only_who_is_granted_it_reads_the_log(site):
    reply = await site.ask("audit list", ALICE)

    assert not reply.ok
    assert "may not run" in reply.title


async def test_rows_about_clusters_that_may_not_be_seen_are_left_out_and_not_counted(site):
    await site.ask("cluster show orders-prod")
    await site.ask("cluster show orders-staging")
    await site.ask("cluster show orders-stagin")  # one letter less, and found all the same
    await site.ask("cluster show orders-staging", VERA)  # her own, and not found

    reply = await site.ask("audit list --steps", VERA)

    typed = {row["Typed"] for row in rows_of(reply)}
    assert typed == {"cluster show orders-prod", "cluster show orders-staging", "audit list --steps"}
    assert notes_of(reply) == "You see your own entries, and those about clusters that you may see."
    assert all("/" in row["Entry"] for row in rows_of(reply))  # numbers would tell how many others there are
    assert reply.parts[0].columns == (await site.ask("audit list --steps")).parts[0].columns


async def test_a_row_is_shown_and_continued_from_by_the_name_that_it_is_listed_under(site):
    for name in ("orders-prod", "orders-staging", "payments-prod", "orders-prod-eu"):
        await site.ask(f"cluster show {name}")
    first = await site.ask("audit list --limit 1 --command cluster", VERA)
    [choice] = [part.choices[0].command for part in first.parts if isinstance(part, Choices)]
    second = rows_of(await site.ask(choice, VERA))
    [row] = rows_of(first)

    assert (row["Typed"], second[0]["Typed"]) == ("cluster show orders-prod-eu", "cluster show payments-prod")
    assert "cluster show orders-prod-eu" in (await site.ask(f"audit show {row['Entry']}", VERA)).title
    for name in ("1", "99", f"{row['Trace']}/3", f"{row['Trace']}/0", "none/1"):
        refused = await site.ask(f"audit show {name}", VERA)
        assert refused.title == f"There is no entry {name} that you may see."
        assert (await site.ask(f"audit list --before {name}", VERA)).title == refused.title


async def test_rows_about_a_cluster_that_is_gone_are_for_those_who_see_all(site):
    cluster = await site.named("orders-prod")
    await site.ask("cluster show orders-prod")
    await refuse_removal(site, cluster)

    assert "cluster show orders-prod" in {row["Typed"] for row in await site.rows("audit list")}
    by_id = {row["Typed"].partition(" ")[0] for row in await site.rows(f"audit list --cluster {cluster.id}")}
    assert by_id == {"cluster", "DELETE", "orders-prod:"}  # the last: it is not listed any more
    assert "cluster show orders-prod" not in {row["Typed"] for row in await site.rows("audit list", VERA)}


async def test_a_pattern_for_every_name_does_not_show_rows_about_a_cluster_that_is_gone(
    tmp_path, monkeypatch
):
    grants = [*PERMISSIONS[:2], {"to": ["auditor"], "allow": ["audit *"], "clusters": [{"name": "*"}]}]
    async with audit_site(tmp_path, monkeypatch, grants) as site:
        await site.ask("cluster show orders-prod")
        before = {row["Typed"] for row in await site.rows("audit list", VERA)}
        await refuse_removal(site, await site.named("orders-prod"))

        assert "cluster show orders-prod" in before
        assert "cluster show orders-prod" not in {row["Typed"] for row in await site.rows("audit list", VERA)}


async def refuse_removal(site, cluster):
    await site.terminal.kernel.fleet.delete(cluster)
    for _ in range(60):
        site.terminal.kernel.clock.advance(timedelta(minutes=5))
        if cluster.id not in {each.id for each in (await site.terminal.kernel.fleet.clusters()).items}:
            return
    raise AssertionError("the cluster stays")


async def test_where_a_region_does_not_answer_only_what_is_known_to_be_ones_own_is_shown(site):
    await site.ask("cluster show orders-prod")
    await site.ask("whoami")
    await site.terminal.fault(kind="status", status=403, api="v2", region="de-fra", path="/clusters")

    reply = await site.ask("audit list", VERA)

    assert [row["Typed"] for row in rows_of(reply)] == ["audit list", "cluster show orders-prod"]
    assert any(isinstance(part, Warn) for part in reply.parts)


async def test_a_button_leads_to_older_rows_until_there_are_none(site):
    for number in range(5):
        await site.ask(f"help{number}")
    seen, line = [], "audit list --outcome mistyped --limit 2"
    while line:
        reply = await site.ask(line)
        seen += [row["Typed"] for row in rows_of(reply)]
        choices = [part.choices[0].command for part in reply.parts if isinstance(part, Choices)]
        line = choices[0] if choices else None
        before = make_document(reply)["data"]["next_before"]
        assert before is None if line is None else f"--before {before}" in line

    assert seen == [f"help{number}" for number in (4, 3, 2, 1, 0)]


async def test_nothing_found_says_so(site):
    reply = await site.ask("audit list --outcome error")

    assert (reply.ok, reply.title) == (True, "No audit entries match")


@pytest.mark.parametrize("filters", ["--since whenever", "--limit 0", "--limit 100000", "--cluster nowhere"])
async def test_a_filter_that_is_none_is_said(site, filters):
    assert not (await site.ask(f"audit list {filters}")).ok


async def test_what_allowed_a_command_is_recorded(site):
    await site.ask("cluster show orders-prod", trace="t1")

    rows = await site.terminal.kernel.audit.find_related("t1")

    assert {(row.roles, row.rule) for row in rows} == {("dba everyone", "permission 1")}
    assert len({row.policy for row in rows}) == 1
    assert rows[-1].clusters == {(await site.named("orders-prod")).id}
    assert BOB.id in rows[0].actor
