"""The demo's bot with people who own keys, and readers for the tests of passwords."""

from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pyrage
from bot_site import OPS, bot_site
from one_contract import SETTINGS
from passing_time import ended
from pyrage import x25519

ALICE, BOB = "U0ALICE", "U0BOB"


def settings_with(tmp_path, more):
    """Write the demo's app.yaml and a few lines more."""
    path = tmp_path / "app.yaml"
    path.write_text(Path(SETTINGS).read_text(encoding="utf-8") + more, encoding="utf-8")
    return path


@asynccontextmanager
async def password_site(tmp_path, monkeypatch, more="", **options):
    """Run a bot; `more` is added to the demo's app.yaml."""
    settings = settings_with(tmp_path, more)
    async with anyio.create_task_group() as ticking:
        async with bot_site(tmp_path, monkeypatch, settings=settings, clusters=12, **options) as site:
            try:
                yield site
            finally:
                ticking.start_soon(tick, site.demo.clock)
        ticking.cancel_scope.cancel()


async def tick(clock):
    """Let time pass, so that late messages, such as a card's last edit, get their turn."""
    while True:
        clock.advance(timedelta(seconds=1))
        await anyio.sleep(0.01)


async def set_key(site, user=BOB):
    """Give the bot a new key of this person; return its private half."""
    identity = x25519.Identity.generate()
    await type_line(site, user, f"/pg key set {identity.to_public()}")
    # A card of a change may come in before the answer: any message that has the key is it.
    assert str(identity.to_public()) in str(await site.seen(user, OPS))
    return identity


async def run_change(site, user, line):
    """Request a change, confirm it, and wait until it has ended; return the record."""
    record = await propose(site, user, line)
    await type_line(site, user, f"/pg change confirm {record.id} --name {record.plan.target.name}")
    return await wait_for_end(site, record)


async def type_line(site, user, line):
    """Type a line and wait until any message answers it."""
    outcome = await site.slash(user, line)
    assert outcome["ok"], outcome
    await site.idle()


async def propose(site, user, line):
    """Request a change; return the record."""
    rows = site.bot.kernel.dispatcher.changes.rows
    known = {each.id for each in await rows.latest()}
    await type_line(site, user, line)
    [record] = [each for each in await rows.latest() if each.id not in known]
    return record


async def wait_for_end(site, record):
    """Wait until a change has ended; return the record as it is then."""
    return await ended(site, record.id)


def uploaded_files(site):
    """Return names and contents of the bot's uploads."""
    return {each.name: each.content for each in site.demo.workspace.files.by_id.values() if each.completed}


def decrypt_file(content, identity):
    """Return an age file's clear text."""
    return pyrage.decrypt(content, [identity]).decode()


def password_in_force(site, cluster, user):
    """Return the password that the cloud has."""
    record = next(each for each in site.demo.cloud.everything() if each.name == cluster)
    return record.users[user].password


async def confirm_only_change(site, user):
    """Confirm the only change, wait for its end and return the record."""
    [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
    await type_line(site, user, f"/pg change confirm {record.id} --name {record.plan.target.name}")
    return await wait_for_end(site, record)
