"""Translation of HTTP failures into `bot.domain.errors`, without secrets; nothing else translates them."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.domain.cluster import Api
from bot.domain.errors import (
    CloudError,
    CloudFault,
    CloudTrouble,
    Conflict,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TrialContract,
    Unauthorized,
    Unreachable,
    UnreadableAnswer,
)
from bot.ionos.endpoint import Endpoint

LOOK_FIRST = (
    "Do not send it again before you have checked the cluster's state and last change, and the backups, "
    "users or databases that the change was about."
)

NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Raised by httpx before the first byte of a request is sent: such a write has changed nothing."""

PERHAPS_DONE = frozenset({408, 425, 499})
"""Statuses of something in between, such as time-outs; they say nothing about the request."""

HIDDEN = "[hidden]"

_LOGINS = (
    # "Basic authentication" is not a login: what is encoded has digits, signs, or capitals inside.
    re.compile(r"\b(?i:bearer|basic)\s+(?=\S*(?:[0-9=+/]|\S[A-Z]))[\w+/=.~-]{4,}"),
    re.compile(
        r"\beyJ(?:[\w-]{8,}\.[\w-]+|[\w-]{20,})(?:\.[\w-]*)?"
    ),  # JSON Web Tokens, as IONOS issues them
)

_REQUEST_ID_HEADERS = ("x-request-id", "x-requestid", "request-id", "x-correlation-id")


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without these secrets, the longest first: one may contain another."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for login in _LOGINS:
        text = login.sub(HIDDEN, text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """A request as people and the audit may see it; `secrets` are removed from the API's answer.

    `look` is the next step for the reader when the answer to a write is lost.
    """

    place: Endpoint
    method: str
    path: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    with_token: bool = True
    look: str = LOOK_FIRST

    @property
    def is_write(self) -> bool:
        """True for a call that may change something, and so must never be sent twice."""
        return self.method != "GET"

    def fault(self, answer: "HttpAnswer | None" = None) -> CloudFault:
        """Return the facts of the failure for the audit."""
        messages, codes = _own_words(answer.body) if answer else ((), ())
        return CloudFault(
            where=str(self.place),
            request=f"{self.method} {self.path}",
            status=answer.status if answer else None,
            messages=tuple(hide_secrets(text, self.secrets)[:300] for text in messages),
            codes=tuple(hide_secrets(text, self.secrets)[:80] for text in codes),
        )

    def request_id(self, answer: "HttpAnswer | None") -> str | None:
        """The API's id of the request, if it has one."""
        said = answer.request_id if answer else None
        return hide_secrets(said, self.secrets)[:100] if said is not None else None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer. Its repr has only the status: the rest may repeat the request."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def request_id(self) -> str | None:
        return next((self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers), None)

    @property
    def is_web_page(self) -> bool:
        """True where something else than the API answered: a proxy, a login page, a wrong address."""
        return "html" in self.headers.get("content-type", "").lower() or self.body[:1] == b"<"

    def retry_after(self, now: datetime) -> float | None:
        """Seconds to wait, from either form of Retry-After; None without it."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value), 86_400.0)
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - now).total_seconds()
        return min(max(seconds, 0.0), 86_400.0) if math.isfinite(seconds) else None


ONLY_BY_BEARER = "v2 accepts only a token: give the contract one."
"""Next step where v2 does not take a login."""

_REFUSALS: dict[int, tuple[type[CloudError], str, str]] = {
    401: (
        Unauthorized,
        "{place} does not accept the credentials.",
        "Check the contract's token or password in the settings: it may be missing, wrong or expired.",
    ),
    402: (TrialContract, "{place} does not allow this on a trial contract.", "Use a full contract."),
    403: (
        Forbidden,
        "{place} accepts the credentials, but they lack the permission for this.",
        "Ask the contract's owner for the permission, or use another token.",
    ),
    404: (
        NotFound,
        "{place} has no such resource.",
        "It may have been deleted, or belong to another contract.",
    ),
    409: (
        Conflict,
        "{place} refuses this in the current state.",
        "Wait until the cluster is AVAILABLE and try again.",
    ),
}


def refusal_error(call: HttpCall, answer: HttpAnswer, now: datetime) -> CloudError:
    """Return the error for an unsuccessful answer."""
    if call.is_write and (answer.status >= 500 or answer.status < 400 or answer.status in PERHAPS_DONE):
        return outcome_unknown_error(call, f"answered {answer.status}", answer)
    if answer.status < 400:
        why = f"it answered {answer.status}, and redirects are not followed"
        return unreadable_error(call, why, answer)
    if answer.status == 404 and answer.is_web_page:
        return unreadable_error(call, "it answered 404 with a web page", answer)
    if answer.status == 429:
        return _too_many(call, answer, now)
    fault = call.fault(answer)
    if answer.status >= 500 or answer.status in PERHAPS_DONE:
        return CloudTrouble(
            f"{call.place} has a problem: it answered {answer.status}.",
            "Try again in a few minutes. If it lasts, check status.ionos.cloud.",
            fault=fault,
        )
    kind, sentence, next_step = _REFUSALS.get(
        answer.status,
        (
            Rejected,
            f"{{place}} rejects the request ({answer.status}).",
            "Check the values; the API's own words are in the audit log.",
        ),
    )
    if answer.status == 401 and call.place.api is Api.V2 and not call.with_token:
        next_step = ONLY_BY_BEARER
    return kind(sentence.format(place=call.place), next_step, fault=fault)


def no_answer_error(call: HttpCall, error: Exception) -> CloudError:
    """Return the error for a request without an answer."""
    if call.is_write and not isinstance(error, NOTHING_SENT):
        return outcome_unknown_error(
            call, "did not respond in time" if _is_timeout(error) else "broke off the answer"
        )
    reason = "does not respond in time" if _is_timeout(error) else "cannot be reached"
    if isinstance(error, httpx.DecodingError):
        return unreadable_error(call, "the answer cannot be unpacked")
    nothing = "; nothing was changed" if call.is_write else ""
    return Unreachable(
        f"{call.place} {reason}{nothing}.",
        "Try again. If it lasts, check the network, the address in the settings and status.ionos.cloud.",
        fault=call.fault(),
    )


def outcome_unknown_error(call: HttpCall, what: str, answer: HttpAnswer | None = None) -> OutcomeUnknown:
    """Return the error for a write that was sent and may or may not have happened."""
    return OutcomeUnknown(
        f"It is unknown whether the change happened: {call.place} {what}.",
        call.look,
        fault=call.fault(answer),
    )


def unreadable_error(call: HttpCall, why: str, answer: HttpAnswer | None = None) -> CloudError:
    """Return the error for an undocumented answer: for a write, the outcome is unknown."""
    if call.is_write:
        return outcome_unknown_error(call, f"sent an unreadable answer ({why})", answer)
    return UnreadableAnswer(
        f"{call.place} sent an unreadable answer: {why}.",
        "Try again. If it lasts, check the address in the settings, and any proxy on the way.",
        fault=call.fault(answer),
    )


def _too_many(call: HttpCall, answer: HttpAnswer, now: datetime) -> RateLimited:
    after = answer.retry_after(now)
    wait = f"in {math.ceil(after)} seconds" if after is not None else "in a few minutes"
    nothing = " Nothing was changed." if call.is_write else ""
    return RateLimited(
        f"{call.place} limits the rate of requests.{nothing}",
        f"Try again {wait}.",
        fault=call.fault(answer),
    )


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, (httpx.TimeoutException, TimeoutError))


def _own_words(body: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    # Both generations: {"httpStatus": 422, "messages": [{"errorCode": "…", "message": "…"}]}, all optional.
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return (), ()
    said = parsed.get("messages") if isinstance(parsed, dict) else None
    entries = [entry for entry in said if isinstance(entry, dict)][:10] if isinstance(said, list) else []
    return _texts(entries, "message"), _texts(entries, "errorCode")


def _texts(entries: list[dict[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(entry[key] for entry in entries if isinstance(entry.get(key), str))
