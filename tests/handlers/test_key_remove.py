"""`key remove`: one's own key is forgotten, once."""

import pytest
from change_requests import ALICE, BOB
from pyrage import x25519

from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


async def test_a_key_is_forgotten_once_and_nobody_elses_is(terminal):
    for actor in (ALICE, BOB):
        await terminal.run(f"key set {x25519.Identity.generate().to_public()}", actor)

    removed = await terminal.run("key remove", ALICE)
    assert removed.title == "Your public key was removed"
    assert make_document(removed)["data"]["fingerprint"].startswith("age1")
    again = await terminal.run("key remove", ALICE)
    assert "have not set a public key" in again.title
    assert (await terminal.run("key show", BOB)).title == "Passwords are encrypted to your public key"
