"""Errors raised on purpose: one sentence for the reader and, where there is one, the next step.

PgbotError
├── InputError                the request cannot be understood or carried out
│   ├── UnknownCommand
│   ├── BadArgument
│   ├── NoSuchThing           a cluster, region or contract that does not exist (or may not be seen)
│   └── AmbiguousName
├── Denied                    policy says no
│   └── LimitReached          a person has used up what limits allow; the next step says until when
├── ConfigError               app.yaml or the environment is wrong; the sentence names file, line and key
├── StoreError                the database cannot be written or read; nothing was changed
├── LogInDoubt                the audit log is not as written or anchored: no change until somebody has looked
├── UnprovenChange            the audit log does not prove a change as the tables have it: it was stopped
├── NotTheHolder              another bot holds the Slack app, or Slack does not say which: nothing is sent
├── SlackError                Slack refused a call
│   └── SlackUnavailable      Slack gave no answer, or one that says nothing about the token
└── CloudError                the IONOS API
    ├── NotOffered            this API generation lacks the operation; the next step names the substitute
    ├── Unauthorized          401: the token or password is missing, wrong or expired
    ├── TrialContract         402: a trial contract may not do this
    ├── Forbidden             403: the credentials are valid and lack the permission
    ├── NotFound              404: the API knows no such thing
    ├── Conflict              409: the resource is in a state that does not allow this
    ├── Rejected              400, 405, 415, 422: the API refuses the request
    ├── RateLimited           429, after the client has used up its time for retries
    ├── CloudTrouble          5xx, after the client's own retries
    ├── Unreachable           no connection, or no answer in time; nothing was changed
    ├── UnreadableAnswer      an answer not as the API documents: cut short, not JSON, or of another shape
    └── OutcomeUnknown        a write was sent, its answer lost: never retried; the next step says what to do

`bot.commands.dispatcher` turns each of these into a message, in one place. Anything else is shown as
an error id.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.error_codes import ErrorCode
from bot.domain.slack_trouble import KNOWN, UNKNOWN_OUTCOME, SlackTrouble, trouble_of

if TYPE_CHECKING:
    from bot.domain.reply import Choice


class PgbotError(Exception):
    """Root. `sentence` says what is wrong; `next_step` what the reader can do about it; `error_code` what
    programs read."""

    error_code = ErrorCode.COMMAND_REFUSED

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}".strip()


class InputError(PgbotError):
    """The request cannot be understood or carried out."""


class UnknownCommand(InputError):
    """No such command, or only the first half of one. `words` are those typed, `choices` the buttons of what
    was probably meant."""

    error_code = ErrorCode.COMMAND_UNKNOWN

    def __init__(
        self,
        sentence: str,
        next_step: str = "",
        *,
        words: tuple[str, ...] = (),
        choices: "tuple[Choice, ...]" = (),
    ) -> None:
        super().__init__(sentence, next_step)
        self.words = words
        self.choices = choices


class BadArgument(InputError):
    """A flag, value or number of words that the command does not take. `corrected` is the line that was
    probably meant, where one is known."""

    error_code = ErrorCode.COMMAND_ARGUMENT

    def __init__(self, sentence: str, next_step: str = "", *, corrected: str = "") -> None:
        super().__init__(sentence, next_step)
        self.corrected = corrected


class _NameError(InputError):
    """A name that does not identify one thing; `error_code` has the kind of thing."""

    def __init__(self, error_code: ErrorCode, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence, next_step)
        self.error_code = error_code


class NoSuchThing(_NameError):
    """Nothing of that name exists, as far as this person may see and every endpoint answered."""


class AmbiguousName(_NameError):
    """Several things answer to the name; the sentence lists them."""


class Denied(PgbotError):
    error_code = ErrorCode.POLICY_DENIED


class LimitReached(Denied):
    error_code = ErrorCode.LIMIT_REACHED


class ConfigError(PgbotError):
    error_code = ErrorCode.SETTINGS_INVALID


class StoreError(PgbotError):
    error_code = ErrorCode.STORE_UNAVAILABLE


class LogInDoubt(PgbotError):
    error_code = ErrorCode.AUDIT_IN_DOUBT


class NotTheHolder(PgbotError):
    error_code = ErrorCode.APP_HELD


class UnprovenChange(PgbotError):
    error_code = ErrorCode.CHANGE_UNPROVEN


class SlackError(PgbotError):
    """Slack refused a call; `code` is Slack's error code."""

    error_code = ErrorCode.SLACK_REFUSED

    def __init__(self, sentence: str, next_step: str = "", *, code: str = "") -> None:
        super().__init__(sentence, next_step)
        self.code = code

    @property
    def trouble(self) -> SlackTrouble:
        """Return whether Slack, the app, one conversation or one message is what it is about."""
        return trouble_of(self.code)

    @property
    def is_away(self) -> bool:
        """Return whether Slack takes nothing at all from the bot for now, as far as its word is known."""
        return self.trouble.passes and self.code in KNOWN

    @property
    def is_outcome_unknown(self) -> bool:
        """Return whether the call may have been carried out. A word that nobody knows yet proves nothing."""
        return self.code in UNKNOWN_OUTCOME or self.code not in KNOWN


class SlackUnavailable(SlackError):
    """Slack gave no answer, or one that says nothing about the token: later it may be another one.

    `seconds` is how long Slack asks to wait; 0 where it does not say.
    """

    error_code = ErrorCode.SLACK_UNAVAILABLE

    def __init__(self, sentence: str, next_step: str = "", *, code: str = "", seconds: float = 0.0) -> None:
        super().__init__(sentence, next_step, code=code)
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFault:
    """The API's error answer, for the audit: never shown raw, never holding a secret.

    `where` is for people ("v2 de/fra"); `request` is method and path; `messages` are the API's own.
    """

    where: str
    request: str
    status: int | None = None
    messages: tuple[str, ...] = field(default=(), repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def said(self) -> str:
        """The codes and messages in one line."""
        return " · ".join(part for part in (*self.codes, *self.messages) if part)


class CloudError(PgbotError):
    """An error of the IONOS API; `fault` holds its answer."""

    error_code = ErrorCode.CLOUD_ERROR

    def __init__(self, sentence: str, next_step: str = "", *, fault: CloudFault | None = None) -> None:
        super().__init__(sentence, next_step)
        self.fault = fault


class NotOffered(CloudError):
    error_code = ErrorCode.CLOUD_NOT_OFFERED


class Unauthorized(CloudError):
    error_code = ErrorCode.CLOUD_UNAUTHORIZED


class TrialContract(CloudError):
    error_code = ErrorCode.CLOUD_TRIAL_CONTRACT


class Forbidden(CloudError):
    error_code = ErrorCode.CLOUD_FORBIDDEN


class NotFound(CloudError):
    error_code = ErrorCode.CLOUD_NOT_FOUND


class Conflict(CloudError):
    error_code = ErrorCode.CLOUD_CONFLICT


class Rejected(CloudError):
    error_code = ErrorCode.CLOUD_REJECTED


class RateLimited(CloudError):
    error_code = ErrorCode.CLOUD_RATE_LIMITED


class CloudTrouble(CloudError):
    error_code = ErrorCode.CLOUD_UNAVAILABLE


class Unreachable(CloudError):
    error_code = ErrorCode.CLOUD_UNREACHABLE


class UnreadableAnswer(CloudError):
    error_code = ErrorCode.CLOUD_UNREADABLE


class OutcomeUnknown(CloudError):
    error_code = ErrorCode.OUTCOME_UNKNOWN
