"""The only HTTP to the cloud: one pooled client per contract, with retries and limits."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

# httpx imports these with its first request, which may find a process without a free descriptor.
import anyio._backends._asyncio  # noqa: F401 - imported for later
import httpcore._backends.anyio  # noqa: F401 - imported for later
import httpx

from bot.domain.cluster import Api
from bot.domain.errors import CloudError
from bot.domain.release import RELEASE
from bot.domain.request import ApiRequest
from bot.ionos.bounded_body import ACCEPTED, TooLarge, read_body
from bot.ionos.credentials import ContractAccess
from bot.ionos.endpoint import Endpoint
from bot.ionos.http_errors import (
    NOTHING_SENT,
    HttpAnswer,
    HttpCall,
    no_answer_error,
    refusal_error,
    unreadable_error,
)
from bot.runtime.checked_clock import DateListener, ignore_date, read_date
from bot.runtime.clock import Clock
from bot.runtime.request_context import record_request

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses that the official SDKs retry too (notes section 12). 500 is not retried."""

_CUT_SHORT = (*NOTHING_SENT, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLimits:
    """Time limits and retries, in seconds; socket times are the machine's, waits the injected clock's.

    `total` bounds a read with all its attempts and waits, `write` the single attempt of a write. `per_host`
    bounds one contract's requests in flight to one host; the API's rate limits are unknown.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 20.0
    write: float = 60.0
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 8.0
    per_host: int = 16
    largest_answer: int = 16 * 1024 * 1024


async def _let_it_go(_call: HttpCall) -> None:
    """Allow every write."""


HttpFactory = Callable[[], httpx.AsyncBaseTransport]
"""Makes the lower end of a client, in place of connections to the cloud: the seam for tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions:
    """Options of a transport besides credentials; the defaults are for production.

    `http` makes the lower end (the seam for tests). `before_write` is awaited before any mutating request,
    which is not sent if it raises: the place for "audit first". `direct_hosts` are reached without the
    proxies of the environment. `note_date` is told the `Date` of each answer.
    """

    retries: RetryLimits = field(default_factory=RetryLimits)
    chance: random.Random = field(default_factory=random.SystemRandom)
    http: HttpFactory | None = None
    before_write: Callable[[HttpCall], Awaitable[None]] = _let_it_go
    direct_hosts: tuple[str, ...] = ()
    note_date: DateListener = ignore_date


@cache
def _tls_context() -> ssl.SSLContext:
    """Return the process's TLS settings: reading the certificate authorities takes 20 ms and 1 MB a time."""
    return httpx.create_ssl_context()


@lru_cache(maxsize=512)
def _parse_url(url: str) -> httpx.URL:
    """Return the address, which lists ask again and again; to parse it takes a tenth of a request's time."""
    return httpx.URL(url)


def _headers(access: ContractAccess, api: Api) -> httpx.Headers:
    headers = {
        "User-Agent": f"ionos-pg-chatops/{RELEASE}",
        "Accept": "application/json",
        "Accept-Encoding": ACCEPTED,
        "Connection": "keep-alive",
        **access.headers(),
    }
    # Documented for v1 only (notes section 2); a v2 token is tied to its contract.
    if api is Api.V1 and access.number is not None:
        headers["X-Contract-Number"] = access.number
    return httpx.Headers(headers)


class _NoCookies(httpx.Cookies):
    """No cookies, whatever an answer sets."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep none."""


class _CloudClient(httpx.AsyncClient):
    """A client without cookies. The API sets none; to look for them takes a tenth of a request's time."""

    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, _cookies: object) -> None:
        """Keep none."""


_NO_COOKIES = _NoCookies()


class Transport:
    """Sends one contract's requests. Reads are retried within `RetryLimits.total`; writes never are."""

    def __init__(self, access: ContractAccess, clock: Clock, wiring: TransportOptions | None = None) -> None:
        self._access = access
        self._clock = clock
        self._wiring = wiring or TransportOptions()
        self.parsing, self._large = asyncio.Lock(), asyncio.Lock()
        self._slots: dict[str, asyncio.Semaphore] = {}
        retries = self._wiring.retries
        self._secrets = access.secrets()
        self._headers = {api: _headers(access, api) for api in Api}
        self._limits = {
            is_write: httpx.Timeout(seconds, connect=retries.connect)
            for is_write, seconds in ((False, retries.read), (True, retries.write))
        }
        self._http = _CloudClient(
            # The semaphores are the limit; a pool size would add waiting that nothing measures.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=40),
            follow_redirects=False,
            mounts={f"all://{host}": None for host in self._wiring.direct_hosts},
            transport=self._wiring.http() if self._wiring.http else None,
            verify=_tls_context(),
        )

    def __repr__(self) -> str:
        return f"Transport({self._access.name})"

    async def close(self) -> None:
        await self._http.aclose()

    async def read(self, place: Endpoint, path: str, query: Mapping[str, str] | None = None) -> HttpAnswer:
        """Send a GET. Raises CloudError, after the retries that `RetryLimits` allows."""
        call = self.known(HttpCall(place=place, method="GET", path=path))
        # The slot is held during waits too: a host that asks for fewer requests gets fewer.
        async with self._slot(place.base):
            return await self._read(call, query)

    async def _read(self, call: HttpCall, query: Mapping[str, str] | None) -> HttpAnswer:
        retries = self._wiring.retries
        deadline = self._clock.monotonic() + retries.total
        attempt = 1
        while True:
            # Advancing the demo's clock must not shorten an attempt.
            left = max(deadline - self._clock.monotonic(), min(retries.total, 1.0))
            answer, error, again = await self._try(call, _Attempt(query=query, attempt=attempt, limit=left))
            if error is None:
                return answer
            wait = self._wait_before(attempt + 1, answer)
            if not again or attempt >= retries.attempts or self._clock.monotonic() + wait >= deadline:
                raise error
            await self._clock.sleep(wait)
            attempt += 1

    async def write(
        self, call: HttpCall, body: Mapping[str, Any] | None = None, *, allowed: frozenset[int]
    ) -> HttpAnswer:
        """Send a mutating request once, whatever happens. `allowed` are the statuses of success.

        Raises OutcomeUnknown when the answer was lost or is undocumented, Unreachable when nothing was sent,
        and the other CloudErrors when the API refused.
        """
        call = self.known(call)
        sending = _Attempt(body=body, attempt=1, limit=self._wiring.retries.write)
        async with self._slot(call.place.base):
            # Only now: it may say for how long the request may be under way.
            await self._wiring.before_write(call)
            answer, error, _ = await self._try(call, sending)
        if error is not None:
            raise error
        if answer.status not in allowed:
            raise unreadable_error(call, f"status {answer.status} is not documented for it", answer)
        if answer.is_web_page:
            # A portal or proxy answers 200 to anything: this did not come from the API.
            raise unreadable_error(call, "it is a web page instead of the API's answer", answer)
        return answer

    def known(self, call: HttpCall) -> HttpCall:
        """Return the call with the secrets to hide and its kind of authentication."""
        secrets = (*call.secrets, *self._secrets)
        return replace(call, secrets=secrets, with_token=self._access.has_token)

    async def _try(self, call: HttpCall, sending: "_Attempt") -> tuple[HttpAnswer, CloudError | None, bool]:
        """Send one attempt; return the answer, its error if unsuccessful, and whether a retry may help."""
        try:
            async with asyncio.timeout(sending.limit):
                answer = await self._send(call, sending)
        except (httpx.RequestError, TimeoutError) as error:
            return _NO_ANSWER, no_answer_error(call, error), isinstance(error, _CUT_SHORT)
        except TooLarge:
            return _NO_ANSWER, unreadable_error(call, "it is too large"), False
        if 200 <= answer.status < 300:
            return answer, None, False
        return answer, refusal_error(call, answer, self._clock.now()), answer.status in RETRIED_STATUSES

    async def _send(self, call: HttpCall, sending: "_Attempt") -> HttpAnswer:
        # As part of the address: httpx parses it a second time for parameters of its own.
        query = f"?{urlencode(sending.query)}" if sending.query else ""
        # Made here: the client would merge headers, cookies and parameters that it does not have.
        request = httpx.Request(
            call.method,
            _parse_url(call.place.base + call.path + query),
            json=sending.body,
            headers=self._headers[call.place.api],
            extensions={"timeout": self._limits[call.is_write].as_dict()},
        )
        started = self._clock.monotonic()
        response: httpx.Response | None = None
        said = ""
        try:
            response = await self._http.send(request, stream=True)
            self._wiring.note_date(call.place.base, read_date(response.headers), started)
            body = await read_body(response, self._wiring.retries.largest_answer, self._large)
            answer = HttpAnswer(response.status_code, response.headers, body)
            said = call.fault(answer).said if answer.status >= 400 else ""
            return answer
        finally:
            head = HttpAnswer(response.status_code, response.headers, b"") if response is not None else None
            record_request(
                ApiRequest(
                    method=request.method,
                    url=str(request.url),
                    status=head.status if head else None,
                    milliseconds=(self._clock.monotonic() - started) * 1000,
                    request_id=call.request_id(head),
                    attempt=sending.attempt,
                    said=said,
                )
            )
            if response is not None:
                await response.aclose()

    def _slot(self, base: str) -> asyncio.Semaphore:
        if base not in self._slots:
            self._slots[base] = asyncio.Semaphore(self._wiring.retries.per_host)
        return self._slots[base]

    def _wait_before(self, attempt: int, answer: HttpAnswer) -> float:
        """Return seconds to wait: Retry-After plus a little, else full jitter under a doubling ceiling."""
        retries, chance = self._wiring.retries, self._wiring.chance
        asked = answer.retry_after(self._clock.now())
        if asked is not None:
            return asked + chance.uniform(0, retries.first_wait)
        ceiling = min(retries.longest_wait, retries.first_wait * 2 ** (attempt - 2))
        return chance.uniform(0, ceiling)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One attempt; `limit` is in seconds of the machine's clock."""

    attempt: int
    limit: float
    query: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)


_NO_ANSWER = HttpAnswer(0, httpx.Headers(), b"")
