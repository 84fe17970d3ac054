"""`key set`, `key show` and `key remove`: one's own key, unless app.yaml has it."""

import pytest
from change_requests import ALICE, BOB, GUEST, NOBODY
from password_site import settings_with
from pyrage import x25519
from terminal_site import terminal_site

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


def new_key():
    return str(x25519.Identity.generate().to_public())


async def test_a_key_is_set_shown_replaced_and_removed(terminal):
    first, second = new_key(), new_key()

    assert (await terminal.run(f"key set {first}", ALICE)).ok
    assert first in render_plain(await terminal.run("key show", ALICE))
    replaced = await terminal.run(f"key set {second}", ALICE)
    assert first in render_plain(replaced)
    assert make_document(replaced)["data"] == {"fingerprint": second, "replaced_fingerprint": first}
    assert second in render_plain(await terminal.run("key show", ALICE))
    assert "You have not set a public key yet" in render_plain(await terminal.run("key show", BOB))
    assert (await terminal.run("key remove", ALICE)).ok
    assert not (await terminal.run("key remove", ALICE)).ok


@pytest.mark.parametrize("actor", [GUEST, NOBODY])
async def test_nobody_but_a_member_sets_one(terminal, actor):
    reply = await terminal.run(f"key set {new_key()}", actor)

    assert "You may not run" in reply.title


async def test_the_key_in_app_yaml_holds(tmp_path, monkeypatch):
    configured = new_key()
    settings = settings_with(tmp_path, f"\npeople_keys: {{U0ALICE: {configured}}}\n")
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        assert "is set in app.yaml" in (await terminal.run(f"key set {new_key()}", ALICE)).title
        assert "is set in app.yaml" in (await terminal.run("key remove", ALICE)).title
        shown = render_plain(await terminal.run("key show", ALICE))

    assert configured in shown
    assert "app.yaml" in shown


async def test_a_private_key_is_neither_repeated_nor_kept(terminal):
    reply = await terminal.run("key set AGE-SECRET-KEY-1CANARY4711", ALICE)

    assert "private key" in reply.title
    assert "CANARY" not in f"{reply} {await terminal.audit()}"
