"""One invocation in, one reply out, with policy, audit and errors around it in one place."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.api.fleet import Fleet
from bot.clock import Clock
from bot.command import Registry
from bot.config import Settings
from bot.context import Context, FindCluster
from bot.domain import ApiRequest, Invocation
from bot.errors import CloudError, Denied, InputError, PgbotError, StoreError
from bot.parse import Parsed, parse
from bot.policy import Asked, Policy
from bot.reply import Audience, Note, Reply
from bot.secrets import redact
from bot.store.audit import AuditLog, Entry
from bot.trace import collect_requests, trace_id

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Result:
    reply: Reply
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Runs commands. Never raises: whatever goes wrong becomes a reply, and a row in the audit."""

    registry: Registry
    settings: Settings
    policy: Policy
    audit: AuditLog
    fleet: Fleet
    find: FindCluster
    clock: Clock

    async def dispatch(self, invocation: Invocation) -> Reply:
        """Parse, ask policy, write the audit row, run, write the outcome.

        The first row is durable before anything is done; if it cannot be written, nothing is done.
        """
        trace_id.set(invocation.trace)
        try:
            parsed, refusal = self._understand(invocation)
            await self.audit.append(self._entry(invocation, parsed, "invocation", refusal))
            if parsed is None or refusal is not None:
                return refusal.reply if refusal else _broken(invocation)
            return await self._run(invocation, parsed)
        except StoreError as error:
            log.exception("store failed", trace=invocation.trace)
            return failure(error)
        except Exception:
            log.exception("dispatch failed", trace=invocation.trace)
            return _broken(invocation)

    def _understand(self, invocation: Invocation) -> tuple[Parsed | None, _Result | None]:
        """The command and its arguments, and why it will not run, if it will not."""
        parsed: Parsed | None = None
        try:
            parsed = parse(invocation.text, self.registry)
            self.policy.require(Asked.by(invocation, parsed.command))
        except Denied as error:
            return parsed, _Result(failure(error), "denied", str(error))
        except InputError as error:
            return parsed, _Result(failure(error, invocation.line), "mistyped", str(error))
        return parsed, None

    async def _run(self, invocation: Invocation, parsed: Parsed) -> Reply:
        requests = collect_requests()
        started = self.clock.monotonic()
        result = await self._guarded(invocation, parsed)
        entry = self._entry(invocation, parsed, "outcome", result)
        milliseconds = (self.clock.monotonic() - started) * 1000
        await self.audit.append(replace(entry, requests=_clean(requests), milliseconds=milliseconds))
        return _shared(result.reply, invocation) if parsed.share else result.reply

    async def _guarded(self, invocation: Invocation, parsed: Parsed) -> _Result:
        try:
            reply = await parsed.command.run(parsed.arguments, self._context(invocation, parsed))
        except InputError as error:
            return _Result(failure(error, invocation.line), "mistyped", str(error))
        except CloudError as error:
            return _Result(failure(error), "failed", _with_fault(error))
        except PgbotError as error:
            return _Result(failure(error), "failed", str(error))
        except Exception as error:
            log.exception("command failed", trace=invocation.trace, command=parsed.command.name)
            return _Result(_broken(invocation), "error", type(error).__name__)
        return _Result(reply, "ok" if reply.ok else "failed", reply.title)

    def _context(self, invocation: Invocation, parsed: Parsed) -> Context:
        return Context(
            invocation=invocation,
            asked=Asked.by(invocation, parsed.command),
            settings=self.settings,
            policy=self.policy,
            registry=self.registry,
            fleet=self.fleet,
            find=self.find,
            now=self._now,
        )

    def _now(self) -> datetime:
        return self.clock.now()

    def _entry(
        self, invocation: Invocation, parsed: Parsed | None, kind: str, result: _Result | None
    ) -> Entry:
        return Entry(
            at=self.clock.now(),
            kind=kind,
            trace=invocation.trace,
            team=invocation.actor.team,
            actor=str(invocation.actor),
            channel=invocation.channel,
            command=parsed.command.name if parsed else "",
            text=_storable(invocation.text),
            outcome=result.outcome if result else "accepted",
            detail=_storable(result.detail) if result else "",
        )


def failure(error: PgbotError, line: str = "") -> Reply:
    """An error as a reply: the sentence, and the next step below it."""
    step = error.next_step.replace("Usage: ", f"Usage: {line} ") if line else error.next_step
    return Reply(error.sentence, (Note(step),) if step else (), ok=False)


def _broken(invocation: Invocation) -> Reply:
    return Reply(
        f"Something went wrong inside the bot. Its log has the details under {invocation.trace}.",
        (Note("Try again; if it stays, give that id to whoever runs the bot."),),
        ok=False,
    )


def _shared(reply: Reply, invocation: Invocation) -> Reply:
    if invocation.external_channel:
        held = Note("Shown to you alone: this channel is shared with another company.")
        return replace(reply, parts=(*reply.parts, held))
    return replace(reply, audience=Audience.CHANNEL) if reply.ok else reply


def _with_fault(error: CloudError) -> str:
    if error.fault is None:
        return str(error)
    said = " · ".join(part for part in (*error.fault.codes, *error.fault.messages) if part)
    return f"{error} [{error.fault.request} → {error.fault.status or 'no answer'}: {said}]"


def _clean(requests: list[ApiRequest]) -> tuple[ApiRequest, ...]:
    return tuple(replace(request, url=redact(request.url)) for request in requests)


def _storable(text: str) -> str:
    """Without secrets, and without halves of characters, which SQLite cannot hold."""
    return redact(text.encode("utf-8", "replace").decode("utf-8"))
