"""TODO docstring."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.request import ApiRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row to be written. Whoever makes it has already taken the secrets out.

    `kind` is `invocation` (before anything is done), `request` (before a mutating request leaves for the
    cloud) or `outcome` (what came of it); `plan`, `decision`, `intent` and `change` in the life of a change;
    `policy`, `anchor`, `checkpoint` and `sealed` for the log itself. `trace` joins the rows of one request.
    `outcome` is one word, such as `accepted`, `intended`, `ok`, `denied`, `mistyped`, `failed`, `error`.

    `clusters` are the ids of those that it is about, besides those that its mutating requests name;
    `change` the id of the change it belongs to and `digest` that change's; `roles` are the actor's, `rule`
    what allowed or refused it, and `policy` the version of the policy that decided (`Policy.version`). `kept`
    is what the row's transaction stores of the change, as JSON (`bot.changes.audit_payload`).
    """

    at: datetime
    kind: str
    trace: str
    team: str
    actor: str
    channel: str
    command: str = ""
    text: str = ""
    outcome: str = ""
    detail: str = ""
    requests: tuple[ApiRequest, ...] = ()
    milliseconds: float | None = None
    clusters: frozenset[str] = frozenset()
    change: str = ""
    roles: str = ""
    rule: str = ""
    policy: str = ""
    digest: str = ""
    kept: str = ""
