"""An outbox in front of a Slack of its own, with a delivery log that lasts as long as the test."""

from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from workspace_site import workspace_site

from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.runtime.database.database import SqliteDatabase
from bot.slack.connection import BotIdentity
from bot.slack.delivery_log import DeliveryLog, DeliveryRows
from bot.slack.outbox import Outbox
from bot.slack.own_messages import OwnMessages
from bot.slack.web_api import WebApiCalls

IDENTITY = BotIdentity(team="T0DEMO", bot_user="U0PGBOT", bot_id="B0PGBOT")


def make_outbox(client, session, clock, database, rows=DeliveryRows):
    """Return an outbox as `build_gateway` makes it."""
    calls = WebApiCalls(clock)
    own = OwnMessages(client, calls, IDENTITY)
    return Outbox(client, session, calls, DeliveryLog(rows(database), own, clock))


@asynccontextmanager
async def open_database():
    """Open a database in a folder of its own."""
    with TemporaryDirectory() as folder:
        database = SqliteDatabase(Path(folder) / "pgbot.db")
        await database.open()
        try:
            yield database
        finally:
            await database.close()


class HurryingClock(VirtualClock):
    """A clock on which sleeping takes no time; `slept` records the durations."""

    def __init__(self):
        super().__init__(EPOCH)
        self.slept = []

    async def sleep(self, seconds):
        if seconds > 0:
            self.slept.append(seconds)
            self.advance(timedelta(seconds=seconds))


@asynccontextmanager
async def open_outbox(manifest=None):
    """Open a Slack simulator and an outbox that posts to it."""
    clock = HurryingClock()
    async with workspace_site(manifest, clock=clock) as site, open_database() as database:
        yield site, make_outbox(site.client, site.client.session, clock, database), clock
