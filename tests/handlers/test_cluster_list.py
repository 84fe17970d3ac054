"""`cluster list`: filters, order, totals, and endpoints that did not respond."""

import pytest
from terminal_site import terminal_site

from bot.domain.reply import Warn
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_every_cluster_of_both_apis_is_listed_once(three_contracts, table):
    reply = await three_contracts.run("cluster list")

    rows = table(reply)
    assert reply.title.startswith("44 clusters: ")
    assert len(rows) == 44
    assert {row["API"] for row in rows} == {"v1", "v2"}
    assert {row["Contract"] for row in rows} == {"shop", "billing", "logistics"}
    assert [row["Name"].casefold() for row in rows] == sorted(row["Name"].casefold() for row in rows)


@pytest.mark.parametrize(
    ("flags", "column", "expected"),
    [
        ("--state busy", "State", {"BUSY"}),
        ("--region DE-FRA", "Region", {"de/fra"}),
        ("--api v2", "API", {"v2"}),
        ("--owner @alice", "Owner", {"@alice"}),
        ("--tier staging", "Tier", {"staging"}),
        ("orders", "Name", None),
        ("'*-prod'", "Name", None),
        ("--api v1 --tier prod", "API", {"v1"}),
    ],
)
async def test_a_filter_leaves_what_fits_and_says_of_how_many(terminal, table, flags, column, expected):
    reply = await terminal.run(f"cluster list {flags}")

    rows = table(reply)
    assert 0 < len(rows) < 44
    assert reply.title.startswith(f"{len(rows)} of 44 clusters: ")
    if expected:
        assert {row[column] for row in rows} == expected


async def test_a_contract_is_a_filter(three_contracts, table):
    rows = table(await three_contracts.run("cluster list --contract billing"))

    assert {row["Contract"] for row in rows} == {"billing"}


async def test_a_name_is_a_part_or_a_pattern(terminal, table):
    part = table(await terminal.run("cluster list ORDERS"))
    pattern = table(await terminal.run("cluster list 'orders-*'"))

    assert all("orders" in row["Name"].casefold() for row in part)
    assert all(row["Name"].casefold().startswith("orders-") for row in pattern)
    assert len(pattern) <= len(part)


@pytest.mark.parametrize("sort", ["name", "state", "region", "version", "ram", "storage", "created"])
async def test_every_order_shows_the_same_clusters(terminal, table, sort):
    by_name = table(await terminal.run("cluster list"))
    sorted_rows = table(await terminal.run(f"cluster list --sort {sort}"))

    assert sorted(map(str, by_name)) == sorted(map(str, sorted_rows))


async def test_storage_is_sorted_by_size_largest_first(terminal, table):
    shown = [row["Storage"] for row in table(await terminal.run("cluster list --sort storage"))]
    amounts = [_to_megabytes(text) for text in shown]

    assert amounts == sorted(amounts, reverse=True)
    assert len(set(amounts)) > 1


def _to_megabytes(text):
    number, _, unit = (text or "0 MB").partition(" ")
    return int(number) * (1024 if unit == "GB" else 1)


async def test_nothing_that_fits_says_how_many_there_are(terminal):
    reply = await terminal.run("cluster list no-such-name")

    assert reply.title == "None of 44 clusters matches"
    assert "No cluster matches all of your filters." in render_plain(reply)
    assert reply.ok


async def test_a_region_that_refuses_is_named_and_the_rest_is_shown(terminal, table):
    await terminal.fault(kind="status", status=403, api="v2", region="de-fra")

    reply = await terminal.run("cluster list")

    gaps = [part.text for part in reply.parts if isinstance(part, Warn)]
    assert len(table(reply)) > 30
    assert gaps
    assert all("de/fra" in gap for gap in gaps)
    assert reply.ok


async def test_an_empty_list_never_means_could_not_look(terminal):
    await terminal.fault(kind="status", status=401)

    reply = await terminal.run("cluster list")

    assert not reply.ok
    assert "Nothing could be read" in render_plain(reply)
    assert "Could not read" in render_plain(reply)


async def test_a_value_that_the_api_never_documented_is_pointed_out(terminal):
    reply = await terminal.run("cluster list")

    assert "returned unknown values" in render_plain(reply)


async def test_skip_leaves_out_the_beginning_and_keeps_the_totals(terminal, table):
    everything = table(await terminal.run("cluster list"))
    rest = await terminal.run("cluster list --skip 40")

    assert table(rest) == everything[40:]
    assert rest.title.startswith("44 clusters")


async def test_skipping_beyond_the_end_says_how_many_there_are_and_how_to_see_them(terminal, table):
    reply = await terminal.run("cluster list --skip 1000")
    filtered = await terminal.run("cluster list --state busy --skip 44")

    assert table(reply) == []
    assert reply.title.startswith("44 clusters")
    assert (
        "Only 44 clusters match, so no more are left to show. Start again with: pgbot run cluster list"
        in render_plain(reply)
    )
    assert "Start again with: pgbot run cluster list --state busy" in render_plain(filtered)
    assert reply.ok


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("--state bussy", "No cluster has the state BUSSY. Did you mean BUSY?"),
        ("--state xyzzy", "No cluster has the state XYZZY. Found: AVAILABLE, BUSY"),
        ("--region de/txxl", "No cluster has the region de/txxl. Did you mean de/txl?"),
        ("--region mars", "No cluster has the region mars. Found: de/fra"),
    ],
)
async def test_a_state_or_region_that_no_cluster_has_is_answered_with_the_nearest_one(
    terminal, flags, expected
):
    reply = await terminal.run(f"cluster list {flags}")

    assert expected in render_plain(reply)
    assert "No cluster matches all of your filters." in render_plain(reply)
    assert reply.ok


async def test_a_state_that_other_clusters_have_is_not_taken_for_a_mistake(terminal):
    reply = await terminal.run("cluster list no-such-name --state busy")

    assert "No cluster has the state" not in render_plain(reply)


async def test_without_any_contract_it_says_how_to_give_one(tmp_path, monkeypatch):
    empty = tmp_path / "app.yaml"
    empty.write_text("")
    async with terminal_site(tmp_path, monkeypatch, settings=empty) as terminal:
        reply = await terminal.run("cluster list")

    assert not reply.ok
    assert "IONOS_TOKEN" in render_plain(reply)
