"""The bot's Home tab, published when a person opens it, and again when a change or a cluster has moved."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.access.policy import CommandRequest
from bot.commands.parser import parse
from bot.domain.cluster import Cluster, Listing
from bot.domain.errors import InputError, PgbotError
from bot.domain.reply import Reply
from bot.domain.request import AccountStatus, Actor, Invocation, Origin
from bot.domain.stored_values import digest_value
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import upsert
from bot.runtime.logger import get_logger
from bot.slack.message_renderer import home_blocks, render
from bot.slack.responder import ReplyTarget, Responder
from bot.slack.web_api import WebApiCalls

log = get_logger()

LINE = "home"
"""The command whose answer is the Home tab."""

WELCOME = "help"
"""The command whose answer is the first direct message."""

_NOTHING = ""
"""The state of a page that is not shown yet. It differs from every marker, too."""

REFRESH_SECONDS = 5.0
"""Seconds between two checks for what has moved, and so between two refreshes of a page."""

REFRESHED_FOR = timedelta(hours=8)
"""Time after opening for which a page is refreshed; Slack does not report when it is left."""


@dataclass(frozen=True, slots=True)
class OpenHome:
    """A person's Home tab, and the line whose answer it shows."""

    person: str
    team: str
    line: str


@dataclass(slots=True)
class HomePublisher:
    """A publisher of Home tabs. Rights are checked for each publication.

    A page whose content is as it was is not published again: the time that it names would tell that something
    moves which the person may not see. The cloud is not called for a refresh: it follows the listings that
    commands and reports have read.
    """

    client: AsyncWebClient
    calls: WebApiCalls
    responder: Responder
    database: SqliteDatabase
    _shown: dict[str, Reply] = field(default_factory=dict)
    _clusters: Listing[Cluster] | None = None
    """The listing that the pages show."""

    async def open(self, invocation: Invocation) -> None:
        """Publish the page of a person who opened it, where they had left it. Never raises."""
        try:
            query, person = "SELECT line FROM homes WHERE person = ?", invocation.actor.id
            row = await self.database.read(lambda db: db.execute(query, [person]).fetchone())
            line = row[0] if row and self._is_home(row[0]) else LINE
            await self._open(replace(invocation, text=line))
        except PgbotError as error:
            log.warning("home not shown", trace=invocation.trace, error=str(error))

    async def turn(self, invocation: Invocation, target: ReplyTarget) -> None:
        """Show other items on the page on which a person has pressed a button for them. Never raises.

        Any other line is answered as from any button.
        """
        if not self._is_home(invocation.text):
            await self.responder(invocation, target)
            return
        try:
            await self._open(invocation)
        except PgbotError as error:
            log.warning("home not turned", trace=invocation.trace, error=str(error))
            await self.responder.tell(invocation, error, target)
        await self.responder.close(invocation.key, invocation.trace)

    async def _open(self, invocation: Invocation) -> None:
        """Publish the page and record that it was opened. Raises PgbotError."""
        dispatcher = self.responder.dispatcher
        marker = await self._find_marker()
        asked = await self.responder.identify(invocation)
        row = {
            "person": asked.actor.id,
            "team": asked.actor.team,
            "line": asked.text,
            "opened_at": time_to_text(dispatcher.clock.now()),
            "shown": _NOTHING,
        }
        # Before it is seen, so that opening it again at once shows the same page.
        await self.database.write(lambda db: upsert(db, "homes", row, key=("person",)))
        await self._publish(asked, await dispatcher.dispatch(asked))
        await self._note_shown(asked.actor.id, marker)

    async def _note_shown(self, person: str, marker: str) -> None:
        statement = "UPDATE homes SET shown = ? WHERE person = ?"
        await self.database.write(lambda db: db.execute(statement, [marker, person]))

    def _is_home(self, line: str) -> bool:
        """Return whether the line gives this page, also in this release."""
        try:
            return parse(line, self.responder.dispatcher.registry).command.name == LINE
        except InputError:
            return False

    async def welcome(self, invocation: Invocation) -> None:
        """Send the start page to a person who opens the direct messages for the first time, while there are
        none. Never raises."""
        try:
            read = self.client.conversations_history
            history = await self.calls(read, channel=invocation.channel, limit=1)
            if not history.get("messages"):
                asked = await self.responder.identify(invocation)
                message = render(await self.responder.dispatcher.dispatch(asked))
                await self.responder.outbox.direct(asked.actor.id, message, key=f"welcome:{asked.actor.id}")
        except PgbotError as error:
            log.warning("welcome not sent", trace=invocation.trace, error=str(error))

    async def run(self) -> None:
        """Refresh outdated pages until cancelled."""
        while True:
            await self.responder.dispatcher.clock.sleep(REFRESH_SECONDS)
            await self.responder.dispatcher.gate.right.unopposed()
            try:
                await self.refresh()
            except PgbotError as error:
                log.warning("home not refreshed", error=str(error))

    async def refresh(self) -> int:
        """Refresh every outdated page once and return how many there were. Raises PgbotError."""
        dispatcher = self.responder.dispatcher
        marker, now = await self._find_marker(), dispatcher.clock.now()
        shown = _NOTHING if self._have_clusters_moved() else marker
        query = "SELECT person, team, line FROM homes WHERE opened_at >= ? AND shown != ? ORDER BY person"
        values = [time_to_text(now - REFRESHED_FOR), shown]
        stale = await self.database.read(lambda db: [OpenHome(*row) for row in db.execute(query, values)])
        for home in stale:
            # First, so that a page that fails is not tried at every check.
            await self._note_shown(home.person, marker)
            try:
                await self._refresh_page(home)
            except PgbotError as error:
                log.warning("home not refreshed", person=home.person, error=str(error))
        return len(stale)

    def _have_clusters_moved(self) -> bool:
        """Return whether a listing has been read that differs from the one shown."""
        newest = self.responder.dispatcher.fleet.newest_clusters()
        if newest is None or newest == self._clusters:
            return False
        self._clusters = newest
        return True

    async def _find_marker(self) -> str:
        """Return what every page is derived from: the changes, the policy and the accounts."""
        dispatcher = self.responder.dispatcher
        accounts = digest_value(dispatcher.settings.ionos.accounts)
        return f"{await dispatcher.changes.rows.marker()} {dispatcher.policy.version} {accounts}"

    async def _refresh_page(self, home: OpenHome) -> None:
        """Publish a page unasked. It only reads, so the audit log gets no invocation."""
        dispatcher, line = self.responder.dispatcher, home.line if self._is_home(home.line) else LINE
        actor = Actor(origin=Origin.SLACK, id=home.person, team=home.team, standing=AccountStatus.UNKNOWN)
        settings = dispatcher.settings.slack
        invocation = Invocation(
            key="",
            trace="home",
            actor=actor,
            channel="",
            text=line,
            at=dispatcher.clock.now(),
            line=settings.command,
        )
        asked = await self.responder.identify(invocation)
        parsed = parse(line, dispatcher.registry)
        dispatcher.policy.require(CommandRequest.by(asked, parsed.command))
        context = dispatcher.make_context(asked, parsed.command)
        reply = await parsed.command.run(parsed.arguments, context)
        if self._shown.get(home.person) != reply:
            await self._publish(asked, reply)

    async def _publish(self, asked: Invocation, reply: Reply) -> None:
        now = self.responder.dispatcher.clock.now()
        view = {"type": "home", "blocks": home_blocks(reply, now)}
        await self.calls(self.client.views_publish, user_id=asked.actor.id, view=view)
        self._shown[asked.actor.id] = reply
