"""TODO docstring."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Origin(StrEnum):
    """Where an invocation came from."""

    SLACK = "slack"
    TERMINAL = "os"
    SCHEDULE = "schedule"


class AccountStatus(StrEnum):
    """What Slack says of an account. Only a member may ever write."""

    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. `id` is Slack's user id, the operating system's user name, or the report's name.

    `groups` are the ids of the Slack user groups that the person is in, as far as the settings ask.
    `person` is the Slack user id that somebody at the terminal acts as; empty there: nobody, who only reads.
    """

    origin: Origin
    id: str
    name: str = ""
    team: str = ""
    standing: AccountStatus = AccountStatus.MEMBER
    groups: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    person: str = ""

    def __str__(self) -> str:
        """As the audit has it: `slack:U0BOB`, or `os:root as slack:U0BOB` of somebody at the terminal."""
        if self.origin is not Origin.TERMINAL or not self.person:
            return f"{self.origin}:{self.id}"
        # A user's name with blanks could pass for somebody who acts as another.
        return f"{self.origin}:{'_'.join(self.id.split())} as {Origin.SLACK}:{self.person}"

    @property
    def member(self) -> str:
        """The Slack user id whose rights and votes these are; empty for nobody."""
        return self.id if self.origin is Origin.SLACK else self.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One thing somebody asked for: the words after the slash command, who said them, and where.

    `key` is what makes two deliveries of the same request the same (`trigger_id`, `event_id`, …).
    `line` is how the person starts a command here (`/pg`, `pgbot run`), for hints that can be copied.
    `external_channel` says whether another company reads along; None: Slack did not say.
    """

    key: str
    trace: str
    actor: Actor
    channel: str
    text: str
    at: datetime
    line: str = "/pg"
    external_channel: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request that left for the cloud, for the audit. `status` is None when no answer came; `said` is
    the API's own code and message where it refused, without secrets."""

    method: str
    url: str
    status: int | None
    milliseconds: float
    request_id: str | None = None
    attempt: int = 1
    said: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What policy says, and the rules that made it say so, first to last."""

    allowed: bool
    trace: tuple[str, ...] = ()

    @classmethod
    def yes(cls, *trace: str) -> "Decision":
        """Allowed, by these rules."""
        return cls(allowed=True, trace=trace)

    @classmethod
    def no(cls, *trace: str) -> "Decision":
        """Not allowed, for these reasons."""
        return cls(allowed=False, trace=trace)


People = Callable[[str, str], Awaitable[Actor]]
"""A person by Slack user id and team id, with standing and user groups."""

IsExternal = Callable[[str], Awaitable[bool | None]]
"""Whether people of another company read along in this channel; None: Slack does not say."""
