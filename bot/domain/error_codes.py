"""Outcomes for programs: exit codes, and the stable code of each error. Light to import."""

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """The exit codes of every program; the docs print this table."""

    OK = 0
    """Done, and everything could be read."""
    FAILED = 1
    """It failed; or a check, such as `readiness`, `scan`, `audit verify` or `check`, found something."""
    USAGE = 2
    """The command, the settings or a file is wrong, or the database cannot be read. Nothing was done."""
    PARTIAL = 3
    """The answer is right as far as it goes: something could not be read, and the answer names it."""
    DENIED = 4
    """You, or the bot's token, may not do this."""
    NOT_FOUND = 5
    """Nothing of that name exists, as far as you may see."""
    REFUSED = 6
    """The IONOS API refused the request, or has no such operation."""
    UNKNOWN_OUTCOME = 7
    """A change was sent, and its outcome is unknown."""
    WAITING = 8
    """The change is not over yet: it waits for approval, or it still runs."""
    UNAVAILABLE = 9
    """The IONOS API, Slack or pgbot serve does not respond. Nothing was changed. Try again later."""
    CANCELLED = 130
    """You stopped it with Ctrl-C."""


class ErrorCode(StrEnum):
    """The code of each error, in JSON, the bot's log and the audit log. A code never changes its meaning.

    Its docstring is its line in the docs, its `exit_code` the program's.
    """

    COMMAND_UNKNOWN = "command.unknown"
    """No such command."""
    COMMAND_ARGUMENT = "command.argument"
    """A value or flag that the command does not take."""
    COMMAND_REFUSED = "command.refused"
    """The bot cannot carry out the request as things are; the message says why."""
    CLUSTER_NOT_FOUND = "cluster.not_found"
    """No cluster of that name or id."""
    CLUSTER_AMBIGUOUS = "cluster.ambiguous"
    """Several clusters match, or one does and not every region could be read."""
    BACKUP_NOT_FOUND = "backup.not_found"
    """No backup of that id."""
    BACKUP_AMBIGUOUS = "backup.ambiguous"
    """Several backups begin with that id."""
    USER_NOT_FOUND = "user.not_found"
    """The cluster has no database user of that name."""
    DATABASE_NOT_FOUND = "database.not_found"
    """The cluster has no database of that name."""
    CHANGE_NOT_FOUND = "change.not_found"
    """No change of that id."""
    REPORT_NOT_FOUND = "report.not_found"
    """No report of that name."""
    RULE_NOT_FOUND = "rule.not_found"
    """No readiness rule of that id."""
    WAIVER_NOT_FOUND = "waiver.not_found"
    """The rule is not waived there."""
    AUDIT_NOT_FOUND = "audit.not_found"
    """No such audit entry, change or trace."""
    POLICY_DENIED = "policy.denied"
    """The permissions in app.yaml do not allow it."""
    LIMIT_REACHED = "policy.limit_reached"
    """Too many requests; the message says when the next one is possible."""
    SETTINGS_INVALID = "settings.invalid"
    """app.yaml, the environment or the command line of a program is wrong."""
    STORE_UNAVAILABLE = "store.unavailable"
    """The bot's database cannot be read or written. Nothing was changed."""
    AUDIT_IN_DOUBT = "audit.in_doubt"
    """The audit log is not as it was written. Nothing is changed until a person has checked it."""
    AUDIT_UNWRITTEN = "audit.not_written"
    """The command ran, and its outcome could not be recorded."""
    CHANGE_UNPROVEN = "change.unproven"
    """The audit log does not prove the change, so it was stopped."""
    APP_HELD = "app.held_by_another_bot"
    """Another bot holds the Slack app, or Slack does not say which one does."""
    SLACK_REFUSED = "slack.refused"
    """Slack refused a request."""
    SLACK_UNAVAILABLE = "slack.unavailable"
    """Slack does not respond."""
    CLOUD_ERROR = "cloud.error"
    """The IONOS API returned an error that has no other code here."""
    CLOUD_NOT_OFFERED = "cloud.not_offered"
    """The cluster's API has no such operation; the message says what to use instead."""
    CLOUD_UNAUTHORIZED = "cloud.unauthorized"
    """401: the token is missing, wrong or expired."""
    CLOUD_TRIAL_CONTRACT = "cloud.trial_contract"
    """402: a trial contract may not do this."""
    CLOUD_FORBIDDEN = "cloud.forbidden"
    """403: the token lacks the permission."""
    CLOUD_NOT_FOUND = "cloud.not_found"
    """404: the API does not know it."""
    CLOUD_CONFLICT = "cloud.conflict"
    """409: the state of the cluster does not allow it."""
    CLOUD_REJECTED = "cloud.rejected"
    """400, 405, 415 or 422: the API refuses the request."""
    CLOUD_RATE_LIMITED = "cloud.rate_limited"
    """429, also after waiting and trying again."""
    CLOUD_UNAVAILABLE = "cloud.unavailable"
    """5xx, also after trying again."""
    CLOUD_UNREACHABLE = "cloud.unreachable"
    """No connection, or no answer in time. Nothing was changed."""
    CLOUD_UNREADABLE = "cloud.unreadable_answer"
    """An answer that is not what the API documents."""
    OUTCOME_UNKNOWN = "outcome.unknown"
    """A request was sent and its answer was lost: it may have been carried out."""
    SERVE_AWAY = "serve.unavailable"
    """pgbot serve does not respond at its socket."""
    BOT_ERROR = "bot.error"
    """A fault of pgbot itself; its log has the details under the trace."""

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code of a program that ends with this error."""
        return _EXIT_CODES.get(self, _NAMED_EXIT_CODES.get(self.partition(".")[2], ExitCode.FAILED))


_NAMED_EXIT_CODES = {"not_found": ExitCode.NOT_FOUND, "ambiguous": ExitCode.USAGE}
"""By the second half of the code."""

_EXIT_CODES = {
    ErrorCode.COMMAND_UNKNOWN: ExitCode.USAGE,
    ErrorCode.COMMAND_ARGUMENT: ExitCode.USAGE,
    ErrorCode.SETTINGS_INVALID: ExitCode.USAGE,
    ErrorCode.STORE_UNAVAILABLE: ExitCode.USAGE,
    ErrorCode.POLICY_DENIED: ExitCode.DENIED,
    ErrorCode.LIMIT_REACHED: ExitCode.DENIED,
    ErrorCode.CLOUD_UNAUTHORIZED: ExitCode.DENIED,
    ErrorCode.CLOUD_FORBIDDEN: ExitCode.DENIED,
    ErrorCode.CLOUD_NOT_OFFERED: ExitCode.REFUSED,
    ErrorCode.CLOUD_TRIAL_CONTRACT: ExitCode.REFUSED,
    ErrorCode.CLOUD_CONFLICT: ExitCode.REFUSED,
    ErrorCode.CLOUD_REJECTED: ExitCode.REFUSED,
    ErrorCode.OUTCOME_UNKNOWN: ExitCode.UNKNOWN_OUTCOME,
    ErrorCode.CLOUD_RATE_LIMITED: ExitCode.UNAVAILABLE,
    ErrorCode.CLOUD_UNAVAILABLE: ExitCode.UNAVAILABLE,
    ErrorCode.CLOUD_UNREACHABLE: ExitCode.UNAVAILABLE,
    ErrorCode.SLACK_UNAVAILABLE: ExitCode.UNAVAILABLE,
    ErrorCode.APP_HELD: ExitCode.UNAVAILABLE,
    ErrorCode.SERVE_AWAY: ExitCode.UNAVAILABLE,
}
"""Of those that say more than FAILED."""
