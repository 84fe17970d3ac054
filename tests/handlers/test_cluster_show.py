"""`cluster show`: one cluster, by id, name or beginning, on either API."""

import pytest

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_a_v1_cluster_is_shown_with_what_the_api_and_the_settings_say(terminal, fields):
    reply = await terminal.run("cluster show orders-prod")

    shown = fields(reply)
    assert reply.title == "orders-prod: AVAILABLE"
    assert (shown["API"], shown["Region"], shown["Contract"]) == ("v1", "de/txl", "shop")
    assert (shown["Owner"], shown["Tier"]) == ("@alice", "prod")
    assert shown["Host name"].endswith("de-txl.ionos.com")
    assert "GB" in shown["Storage"]
    data = make_document(reply)["data"]["cluster"]
    assert (data["id"], data["owner"]) == (terminal.record("orders-prod").id, "@alice")
    assert (data["storage_mb"] % 1024, data["created_at"][-1]) == (0, "Z")


async def test_a_v2_cluster_is_shown_in_the_same_words(terminal, fields):
    shown = fields(await terminal.run("cluster show payments-prod"))

    assert shown["API"] == "v2"
    assert "kept" in shown["Backups"]
    assert "GB" in shown["Storage"]


async def test_an_id_and_the_beginning_of_a_name_find_it_too(terminal):
    by_name = await terminal.run("cluster show orders-prod")
    cluster = next(
        each for each in (await terminal.kernel.fleet.clusters()).items if each.name == "orders-prod"
    )

    assert (await terminal.run(f"cluster show {cluster.id}")).title == by_name.title
    assert (await terminal.run("cluster show ORDERS-PROD")).title == by_name.title


async def test_a_name_with_blanks_needs_no_quotes(terminal):
    spaced = next(each for each in (await terminal.kernel.fleet.clusters()).items if " " in each.name.strip())

    assert (await terminal.run(f"cluster show {spaced.name}")).title.startswith(spaced.name.split()[0])


async def test_a_name_that_two_clusters_have_lists_both(terminal):
    listing = (await terminal.kernel.fleet.clusters()).items
    names = [each.name for each in listing]
    twice = next(name for name in names if names.count(name) > 1)

    reply = await terminal.run(f"cluster show {twice}")

    assert not reply.ok
    for each in listing:
        if each.name == twice:
            assert each.id in render_plain(reply)


async def test_an_unknown_name_gets_the_nearest_one(terminal):
    reply = await terminal.run("cluster show ordrs-prod")

    assert not reply.ok
    assert "Did you mean “orders-prod”" in render_plain(reply)


async def test_what_is_missing_says_where_we_could_not_look(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="fr-par")

    assert "could not be read: v2 fr/par" in render_plain(await terminal.run("cluster show nowhere"))


async def test_an_oddity_of_the_answer_is_shown(terminal):
    odd = next(each for each in (await terminal.kernel.fleet.clusters()).items if each.oddities)

    assert odd.oddities[0] in render_plain(await terminal.run(f"cluster show {odd.id}"))
