"""The demo's bot at work, with people who own keys, and what the tests of passwords need to look at it."""

from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pyrage
from bot_site import OPS, bot_site
from pyrage import x25519

from bot.demo.environment import SETTINGS

ALICE, BOB = "U0ALICE", "U0BOB"


def settings_with(tmp_path, more):
    """The demo's app.yaml and a few lines more."""
    path = tmp_path / "app.yaml"
    path.write_text(Path(SETTINGS).read_text(encoding="utf-8") + more, encoding="utf-8")
    return path


@asynccontextmanager
async def password_site(tmp_path, monkeypatch, more="", **options):
    """A running bot; `more` is added to the demo's app.yaml."""
    settings = settings_with(tmp_path, more)
    async with anyio.create_task_group() as ticking:
        async with bot_site(tmp_path, monkeypatch, settings=settings, clusters=12, **options) as site:
            try:
                yield site
            finally:
                ticking.start_soon(tick, site.demo.clock)
        ticking.cancel_scope.cancel()


async def tick(clock):
    """Let time pass: what is still to be told at the end, such as a card's last edit, waits for its turn."""
    while True:
        clock.advance(timedelta(seconds=1))
        await anyio.sleep(0.01)


async def set_key(site, user=BOB):
    """Give the bot a new key of this person; its private half."""
    identity = x25519.Identity.generate()
    await tell(site, user, f"/pg key set {identity.to_public()}")
    # A card of a change may come in before the answer: any message that has the key is it.
    assert str(identity.to_public()) in str(await site.seen(user, OPS))
    return identity


async def run(site, user, line):
    """Ask for a change, confirm it, and wait until it is over; the record."""
    record = await proposed(site, user, line)
    await tell(site, user, f"/pg change confirm {record.id} --name {record.plan.target.name}")
    return await over(site, record)


async def tell(site, user, line):
    """Type a line and wait until it is answered; which message answers it is nobody's concern here."""
    outcome = await site.slash(user, line)
    assert outcome["ok"], outcome
    await site.idle()


async def proposed(site, user, line):
    """Ask for a change; the record."""
    rows = site.bot.kernel.dispatcher.changes.rows
    known = {each.id for each in await rows.latest()}
    await tell(site, user, line)
    [record] = [each for each in await rows.latest() if each.id not in known]
    return record


async def over(site, record):
    """Wait until a change is over; the record as it is then."""
    rows = site.bot.kernel.dispatcher.changes.rows
    with anyio.fail_after(20):
        while (now := await rows.get(record.id)).is_open:
            site.demo.clock.advance(timedelta(seconds=5))
            await anyio.sleep(0.02)
    return now


async def until(site, is_so):
    """Let the site's time pass until it is so."""
    with anyio.fail_after(20):
        while not (found := is_so()):
            site.demo.clock.advance(timedelta(seconds=5))
            await anyio.sleep(0.02)
    return found


def files(site):
    """What the bot has uploaded: names and contents."""
    return {each.name: each.content for each in site.demo.workspace.files.by_id.values() if each.completed}


def opened(content, identity):
    """An age file's clear text."""
    return pyrage.decrypt(content, [identity]).decode()


def password_in_force(site, cluster, user):
    """What the cloud has."""
    record = next(each for each in site.demo.cloud.everything() if each.name == cluster)
    return record.users[user].password
