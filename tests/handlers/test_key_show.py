"""`key show`: the key that the bot knows, or how to give it one."""

import pytest
from change_requests import ALICE
from pyrage import x25519

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_without_a_key_it_says_how_to_set_one(terminal):
    reply = await terminal.run("key show", ALICE)

    assert reply.title == "You have not set a public key yet"
    assert "“key set” sets one" in render_plain(reply)
    assert set(make_document(reply)["data"].values()) == {None}


async def test_it_says_where_the_key_came_from(terminal):
    key = str(x25519.Identity.generate().to_public())
    await terminal.run(f"key set {key}", ALICE)

    shown = render_plain(await terminal.run("key show", ALICE))
    assert key in shown
    assert "you, with “key set”" in shown
