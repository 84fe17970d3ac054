"""`version list`: the versions that each API offers, with equal regions merged."""

import pytest

from bot.domain.reply import Warn
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


async def test_versions_of_both_apis_with_status_and_upgrades_where_the_api_tells(terminal, table):
    reply = await terminal.run("version list")

    rows = table(reply)
    data = make_document(reply)["data"]["versions"]
    assert [(each["name"], each["api"]) for each in data] == [(row["Version"], row["API"]) for row in rows]
    assert {each["regions"] for each in data if each["api"] == "v1"} == {None}
    assert all("de/fra" in each["regions"] for each in data if (each["name"], each["api"]) == ("17", "v2"))
    assert {row["API"] for row in rows} == {"v1", "v2"}
    assert all(row["Status"] is None for row in rows if row["API"] == "v1")
    assert all(row["Status"] for row in rows if row["API"] == "v2")
    assert [row for row in rows if row["API"] == "v2" and row["Upgrades to"]]


async def test_regions_that_say_the_same_share_a_row(terminal, table):
    rows = table(await terminal.run("version list --api v2"))
    versions = [row["Version"] for row in rows]

    assert len(versions) == len(set(versions))


async def test_one_region_can_be_asked_for(terminal, table):
    rows = table(await terminal.run("version list --region de-fra"))

    assert rows
    assert {row["Regions"] for row in rows} == {"de/fra"}


async def test_a_region_that_refuses_is_named(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="es-vit")

    reply = await terminal.run("version list")

    assert ["es/vit" in part.text for part in reply.parts if isinstance(part, Warn)]
    assert reply.ok


async def test_nothing_read_is_not_nothing_there(terminal):
    await terminal.fault(kind="status", status=401)

    reply = await terminal.run("version list")

    assert not reply.ok
    assert reply.title == "The PostgreSQL versions could not be read"
