"""A password that one process has kept and another one hands over, as after a crash."""

import anyio
import pytest
from change_requests import BOB, ask
from password_site import settings_with
from terminal_site import terminal_site

from bot.changes.password_store import PasswordDelivery
from bot.changes.transitions import Transition

pytestmark = pytest.mark.anyio


async def nobody(_person, _reply):
    raise AssertionError("a sink takes it, no person")


async def test_the_next_process_hands_over_what_the_last_one_kept(tmp_path, monkeypatch):
    vault = anyio.Path(tmp_path / "vault")
    await vault.mkdir()
    settings = settings_with(tmp_path, f"\nhandover: {{file: {vault}}}\n")
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        first, rows = terminal.kernel.dispatcher.handover, terminal.kernel.dispatcher.changes.rows
        record = await ask(terminal, "user create orders-staging app", BOB)
        running = {"state": "running"}
        await rows.step(record.id, lambda _: Transition(at=terminal.kernel.clock.now(), fields=running))
        password = (await first.provide_password(record.plan, record.id, BOB.member)).get_secret_value()
        await first.deliver_due(nobody)
        assert [each async for each in vault.iterdir()] == []  # nobody knows yet whether it is in effect

        await rows.step(record.id, lambda _: Transition(at=terminal.kernel.clock.now(), accepted=True))
        second = PasswordDelivery(
            settings=first.settings, rows=first.rows, folder=first.folder, clock=first.clock
        )
        await second.deliver_due(nobody)
        [path] = [each async for each in vault.iterdir()]
        assert (path.name, await path.read_text()) == (f"orders-staging-app-{record.id}", f"{password}\n")

        await path.unlink()
        await second.deliver_due(nobody)
        assert [each async for each in vault.iterdir()] == []  # once is enough
        assert list(first.folder.iterdir()) == []
