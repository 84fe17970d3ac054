"""`migration plan`: the pack as files, in Slack by message, in the terminal into a folder."""

import json
from dataclasses import replace

import pytest
from migration_site import record
from terminal_site import OPERATOR

from bot.domain.reply import File
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Origin

pytestmark = pytest.mark.anyio
NAMES = [
    *("README.md", "STEPS.md", "adopt_v2.tf", "provider_v2.tf", "body.json", "ionosctl.sh"),
    *("users_and_databases.sql", "precheck.sql", "aftercheck.sql"),
]


def read_files(reply):
    return {part.name: part.content.decode() for part in reply.parts if isinstance(part, File)}


async def test_the_pack_comes_as_files(terminal):
    reply = await terminal.run("migration plan orders-prod")

    found = read_files(reply)
    assert reply.title == "orders-prod: migration pack with 9 files"
    assert list(found) == NAMES
    properties = json.loads(found["body.json"])["properties"]
    assert properties["name"] == "orders-prod"
    assert properties["credentials"]["password"] == "<V2_PASSWORD>"
    assert "orders_readonly" in found["users_and_databases.sql"]
    document = make_document(reply)
    assert document["data"]["files"] == [each["name"] for each in document["files"]] == NAMES
    blanks = {each["name"]: each for each in document["data"]["to_fill_in"]}
    assert blanks["V2_PASSWORD"]["path"] == "credentials.password"
    assert blanks["V2_PASSWORD"]["reason"]["is_inconclusive"] is False


async def test_out_names_the_folder_in_which_the_terminal_writes_them(terminal, tmp_path):
    """The program of the caller writes them, as the caller: see test_terminal_socket."""
    reply = await terminal.run(f"migration plan orders-prod --out {tmp_path}/pack")

    assert list(read_files(reply)) == NAMES
    assert {part.folder for part in reply.parts if isinstance(part, File)} == {f"{tmp_path}/pack"}
    assert list(tmp_path.glob("pack")) == []


async def test_out_is_refused_in_slack(terminal):
    alice = replace(OPERATOR, origin=Origin.SLACK, id="U0ALICE")

    reply = await terminal.run("migration plan orders-prod --out /tmp/x", actor=alice)

    assert not reply.ok
    assert "--out works in the terminal only" in render_plain(reply)


async def test_a_cluster_that_v1_does_not_show_has_no_pack(terminal):
    reply = await terminal.run("migration plan payments-prod")

    assert not reply.ok
    assert "v1 does not show payments-prod" in render_plain(reply)


async def test_what_v2_would_refuse_is_fitted_or_left_blank_and_never_breaks(terminal):
    for each in [one for one in terminal.cloud.everything() if one.api == "v1"]:
        reply = await terminal.run(f"migration plan {each.id}")

        assert reply.ok, (each.name, render_plain(reply))
        assert list(read_files(reply)) == NAMES


async def test_no_password_is_in_any_file(terminal):
    secret = record(terminal, "orders-prod").credentials

    found = read_files(await terminal.run("migration plan orders-prod"))

    assert secret is not None
    assert not any(secret.password in text for text in found.values())
