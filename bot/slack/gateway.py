"""The listeners for Slack's deliveries: each is stored, acked and answered. Only this file knows Bolt."""

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.tokenizer import keep_beginning
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import BadArgument, ConfigError, PgbotError
from bot.domain.phrases import quote_text
from bot.domain.request import AccountStatus, Actor, Invocation, Origin
from bot.runtime.background_tasks import Tasks
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.slack.app_home import LINE as HOME
from bot.slack.app_home import WELCOME, HomePublisher
from bot.slack.command_limit import CommandLimit
from bot.slack.connection import BotIdentity
from bot.slack.inbox import Inbox
from bot.slack.modal_flow import ModalFlow, not_stored
from bot.slack.modals import CALLBACK as FORM
from bot.slack.options import OptionLoader
from bot.slack.payloads import MentionedCommand, bound_payload, read_command, read_id, read_line, read_text
from bot.slack.responder import ReplyTarget

log = get_logger()

EVERYTHING = re.compile(".*", re.DOTALL)

Work = Callable[[Invocation, ReplyTarget], Coroutine[Any, Any, None]]

RUN, TURN = "run:", "turn:"
"""Action ids of buttons whose value is a command line; see `bot.slack.block_renderer`."""

LONGEST_WAIT = 0.5
"""Seconds that work waits at most, so that an endless stream of deliveries holds nobody up."""

GRACE = 0.01
"""Seconds after an ack in which another delivery of the same burst may arrive."""


class AckGate:
    """A count of the deliveries between their arrival and a moment after their ack.

    Without it, the commands of the first deliveries in a burst run before the last ones are acked, and
    those acks come late.
    """

    def __init__(self, longest_wait: float = LONGEST_WAIT, grace: float = GRACE) -> None:
        self._longest_wait, self._grace = longest_wait, grace
        self._open = 0
        self._all_acked = asyncio.Event()
        self._all_acked.set()

    @contextlib.contextmanager
    def taking_in(self) -> Iterator[None]:
        """Hold work back while one delivery is stored and acked."""
        self._open += 1
        self._all_acked.clear()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(self._grace, self._close_one)

    def _close_one(self) -> None:
        self._open -= 1
        if not self._open:
            self._all_acked.set()

    async def wait(self) -> None:
        """Wait until every delivery is acked, at most `longest_wait` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._longest_wait):
                await self._all_acked.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The listeners. Each parses the payload, commits it to the inbox, acks, and starts the work."""

    workspace: BotIdentity
    app_id: str | None
    command: str
    inbox: Inbox
    modal_flow: ModalFlow
    options: OptionLoader
    home: HomePublisher
    limit: CommandLimit
    tasks: Tasks
    clock: Clock
    ack_gate: AckGate = field(default_factory=AckGate)

    def bolt(self, client: AsyncWebClient, signing_secret: str) -> AsyncApp:
        """Return the Bolt app. Raises ConfigError if the environment would switch Bolt to OAuth."""
        app = _Bolt(
            name="pgbot",
            # Left to itself, Bolt gives each of its loggers the root's level; see `bot.runtime.logging`.
            logger=logging.getLogger("slack_bolt"),
            client=client,
            signing_secret=signing_secret,
            # Bolt's other runner polls for the ack every 10 ms and can lose it (slack-facts, 5.2).
            process_before_response=True,
            # Signatures are checked before Bolt sees the request, in `bot.slack.receiver`.
            request_verification_enabled=False,
            authorize=self._authorize(client),
        )
        app.record_refusal = self._record_refusal
        if app.oauth_flow is not None:
            raise ConfigError(
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set, and Bolt then ignores the bot token.",
                "Unset both: pgbot serves one workspace and needs no OAuth.",
            )
        foreign = "This command belongs to another workspace or app."
        app.command(EVERYTHING)(self._guarded(self._on_command, foreign))
        app.action(EVERYTHING)(self._guarded(self._on_action))
        app.event(EVERYTHING)(self._guarded(self._on_event))
        app.view(EVERYTHING)(self._guarded(self._on_view))
        for listen in (app.shortcut, app.view_closed):
            listen(EVERYTHING)(self._guarded(self._on_other, None))
        app.options(EVERYTHING)(self._guarded(self._on_options, None))
        return app

    def start_work(self) -> None:
        """Start what runs for as long as the bot does."""
        deliveries = self.modal_flow.responder.outbox.deliveries
        self.tasks.start(self.home.run(), "homes", endless=True)
        self.tasks.start(deliveries.keep_tidy(), "tidy deliveries", endless=True)
        self.tasks.start(self.limit.run(), "command limit", endless=True)

    def _authorize(self, client: AsyncWebClient) -> Callable[..., Awaitable[AuthorizeResult]]:
        known = AuthorizeResult(
            enterprise_id=None,
            team_id=self.workspace.team,
            bot_token=client.token,
            bot_id=self.workspace.bot_id,
            bot_user_id=self.workspace.bot_user,
        )

        async def authorize() -> AuthorizeResult:
            return known

        return authorize

    def _guarded(
        self,
        listener: Callable[[AsyncAck, dict[str, Any], str], Awaitable[None]],
        foreign: str | None = "",
    ) -> Any:
        """Catch all that a listener raises: Bolt would lose the ack (slack-facts, 5.2).

        A payload for another installation is recorded, and acked with the text `foreign`; with None the
        listener has it.
        """

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            trace = new_trace()
            try:
                if foreign is None or self._is_ours(body):
                    await listener(ack, body, trace)
                    return
                detail = "the payload names another workspace or app"
                await self._record_refusal(body, trace, "refused", detail, ErrorCode.COMMAND_REFUSED)
                await ack(text=foreign)
            except PgbotError as error:
                log.warning("payload refused", trace=trace, error=str(error))
                # Not before the ack: a store that has just failed may take long to fail again.
                recording = self._record_refusal(body, trace, "failed", str(error), error.error_code)
                self.tasks.start(recording, name=trace)
                await ack(text=str(error))
            except Exception as error:
                log.exception("listener failed", trace=trace)
                await self._record_refusal(body, trace, "failed", type(error).__name__, ErrorCode.BOT_ERROR)
                await ack(text=f"Something went wrong inside the bot. Its log has the details under {trace}.")

        return listen

    async def _record_refusal(
        self, body: Any, trace: str, outcome: str, detail: str, code: ErrorCode
    ) -> None:
        """Record that the payload is not used, if it names a person, within the limit for one."""
        fields = body if isinstance(body, dict) else {}
        invocation = self._invocation(fields, trace, key=trace, text=self._command_text(fields))
        if invocation.actor.id and await self.limit.refuse(invocation, "refused") is None:
            await self.limit.turn_away(invocation, outcome, detail, code)

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any], trace: str) -> None:
        key = read_text(body.get("trigger_id")) or trace
        invocation = self._invocation(body, trace, key=f"trigger:{key}", text=self._command_text(body))
        if (error := await self.limit.refuse(invocation)) is not None:
            await ack(text=str(error))
            return
        await self._take(ack, invocation, replace(_reply_target(body), revisable=True))

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any], trace: str) -> None:
        action = _action(body)
        name = read_text(action.get("action_id"))
        if not name.startswith((RUN, TURN)):
            await ack()
            await self._revise_form(body, trace, name)
            return
        invocation = self._invocation(body, trace, key="", text=self._command_text(body))
        container = _inner(body, "container")
        stamp = read_text(container.get("message_ts") or container.get("view_id"))
        press = read_text(action.get("action_ts"))
        key = f"action:{stamp}:{name}:{invocation.actor.id}:{press}"
        # A message that a channel reads must not turn into one that only one person may see.
        in_place = name.startswith(TURN) and container.get("is_ephemeral") is True
        target = replace(_reply_target(body), replace=in_place)
        pressed = replace(invocation, key=key, is_typed=False)
        # Other items of the Home tab are shown on it; whatever else is pressed there answers by message.
        is_turned = name.startswith(TURN) and _inner(body, "view").get("type") == "home"
        await self._take_within_limit(ack, pressed, target, self.home.turn if is_turned else None)

    async def _revise_form(self, body: dict[str, Any], trace: str, name: str) -> None:
        """Update an open form after an answer that changes it; what is lost here, the person picks again."""
        view = _inner(body, "view")
        if view.get("callback_id") != FORM:
            log.info("press not used", trace=trace, action=name)
            return
        invocation = self._invocation(body, trace, key=trace, text="")
        if await self.limit.refuse(invocation, "options") is None:
            self.tasks.start(self.modal_flow.revise(view, invocation), name=trace)

    async def _on_event(self, ack: AsyncAck, body: dict[str, Any], trace: str) -> None:
        event = _inner(body, "event")
        line = read_command(event, self.workspace.bot_user, self.command)
        if line is not None:
            key = f"event:{read_text(body.get('event_id')) or trace}"
            invocation = self._message_invocation(line, trace, key=key)
            work = self._refuse_edit if line.is_edit else self._work
            await self._take_within_limit(ack, invocation, ReplyTarget(thread=line.thread), work)
            return
        await ack()
        shown = {"home": (HOME, self.home.open), "messages": (WELCOME, self.home.welcome)}
        if event.get("type") == "app_home_opened" and read_text(event.get("tab")) in shown:
            line_shown, show = shown[read_text(event.get("tab"))]
            channel = read_id(event.get("channel")) if line_shown == WELCOME else ""
            opened = MentionedCommand(read_id(event.get("user")), "", channel, line_shown, "")
            invocation = self._message_invocation(opened, trace, key=trace)
            if await self.limit.refuse(invocation) is None:
                self.tasks.start(show(invocation), name=trace)

    async def _on_view(self, ack: AsyncAck, body: dict[str, Any], trace: str) -> None:
        invocation = self._invocation(body, trace, key=trace, text="")
        if (refusal := await self.limit.refuse(invocation, "form")) is not None:
            await ack(**not_stored(refusal))
            return
        try:
            answer = await self.modal_flow.submit(
                _inner(body, "view"), invocation, read_text(body.get("trigger_id"))
            )
        except PgbotError as error:
            answer = not_stored(error)
        await ack(**answer)

    async def _on_other(self, ack: AsyncAck, body: dict[str, Any], _trace: str) -> None:
        # Shortcuts and closed views are not used, but Slack expects an ack.
        log.debug("payload not used", type=body.get("type", ""))
        await ack()

    async def _on_options(self, ack: AsyncAck, body: dict[str, Any], trace: str) -> None:
        invocation = self._invocation(body, trace, key=trace, text="")
        is_refused = not self._is_ours(body) or await self.limit.refuse(invocation, "options") is not None
        await ack(options=[] if is_refused else await self.options.load(body, invocation))

    async def _take_within_limit(
        self, ack: AsyncAck, invocation: Invocation, target: ReplyTarget, work: Work | None = None
    ) -> None:
        """Take a delivery whose ack shows nothing: of the limit, its person is told by a message."""
        error = await self.limit.refuse(invocation)
        if error is None:
            await self._take(ack, invocation, target, work)
            return
        await ack()
        if self.limit.claim_message(invocation.actor.id):
            self.tasks.start(self.modal_flow.responder.tell(invocation, error, target), invocation.trace)

    async def _take(
        self, ack: AsyncAck, invocation: Invocation, target: ReplyTarget, work: Work | None = None
    ) -> None:
        """Commit the delivery before the ack; a repeated delivery is acked and not run again."""
        with self.ack_gate.taking_in():
            new = await self.inbox.accept(invocation)
            await ack()
        if new:
            self.tasks.start((work or self._work)(invocation, target), name=invocation.trace)

    async def _work(self, invocation: Invocation, target: ReplyTarget) -> None:
        await self.ack_gate.wait()
        await self.modal_flow(invocation, target)

    async def _refuse_edit(self, invocation: Invocation, target: ReplyTarget) -> None:
        """Answer an edited message without running it: it may have been run as it was before."""
        line = f"“{quote_text(invocation.text)}”" if invocation.text else "it"
        error = BadArgument("An edited message isn't run.", f"Send {line} as a new message.")
        responder = self.modal_flow.responder
        await responder.tell(invocation, error, target)
        await responder.close(invocation.key, invocation.trace)

    def _is_ours(self, body: dict[str, Any]) -> bool:
        """Return whether a payload is for this installation: it names the bot's workspace or enterprise, or
        this installation is told of the event. Who its sender is, the directory finds out."""
        if self.app_id is not None and body.get("api_app_id") != self.app_id:
            return False
        told = body.get("authorizations")
        sources = [
            body,
            *(each for each in (told if isinstance(told, list) else ()) if isinstance(each, dict)),
        ]
        teams = {read_id(each.get("team_id")) for each in sources} | {read_id(_inner(body, "team").get("id"))}
        enterprises = {read_id(each.get("enterprise_id")) for each in sources}
        enterprises.add(read_id(_inner(body, "enterprise").get("id")))
        own = self.workspace
        return own.team in teams or (own.enterprise != "" and own.enterprise in enterprises)

    def _command_text(self, body: dict[str, Any]) -> str:
        """Return the typed text, or the command of the pressed button."""
        typed = read_text(body.get("text"))
        if typed:
            return read_line(typed, command=self.command, bot_user=self.workspace.bot_user)
        return read_text(_action(body).get("value"))

    def _message_invocation(self, line: MentionedCommand, trace: str, *, key: str) -> Invocation:
        """Return the invocation of a command in a message, or of opening the Home tab."""
        user = {"id": line.user, "team_id": line.team or self.workspace.team}
        body = {"user": user, "channel": {"id": line.channel}}
        return self._invocation(body, trace, key=key, text=line.text)

    def _invocation(self, body: dict[str, Any], trace: str, *, key: str, text: str) -> Invocation:
        user, channel, team = (_inner(body, key) for key in ("user", "channel", "team"))
        home = user.get("team_id") or body.get("team_id") or team.get("id") or self.workspace.team
        actor = Actor(
            origin=Origin.SLACK,
            id=read_id(body.get("user_id") or user.get("id")),
            team=read_id(home),
            standing=AccountStatus.UNKNOWN,
        )
        return Invocation(
            key=key,
            trace=trace,
            actor=actor,
            channel=read_id(body.get("channel_id") or channel.get("id")),
            text=keep_beginning(text),
            at=self.clock.now(),
            line=self.command,
        )


class _Bolt(AsyncApp):
    """Bolt with 400 in place of its 500 for a body of unknown shape, which Bolt reads unchecked.

    No listener of ours raises, so a 500 can only come from the body; Bolt has logged its error by then.
    """

    record_refusal: Callable[[Any, str, str, str, ErrorCode], Awaitable[None]]

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        req.body = bound_payload(req.body)
        response = await super().async_dispatch(req)
        if response.status != 500:
            return response
        trace = new_trace()
        log.error("payload not understood", trace=trace)
        detail = "the payload is of no shape that Slack documents"
        await self.record_refusal(req.body, trace, "failed", detail, ErrorCode.COMMAND_REFUSED)
        return BoltResponse(status=400, body=f"not a Slack payload; see {trace} in the bot's log\n")


def _inner(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object in the body, empty if it is missing or of another type."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _reply_target(body: dict[str, Any]) -> ReplyTarget:
    return ReplyTarget(read_text(body.get("response_url")), trigger=read_text(body.get("trigger_id")))


def _action(body: dict[str, Any]) -> dict[str, Any]:
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    return first if isinstance(first, dict) else {}


def new_trace() -> str:
    """Return a new id by which log, audit and answer name one delivery."""
    return secrets.token_hex(6)
