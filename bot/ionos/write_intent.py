"""The purpose of a write, and the next step when its answer is lost."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.cluster import Api
from bot.ionos.cluster_lookup import quote_name


class WriteKind(StrEnum):
    """The mutating operations of both APIs."""

    CREATE = "create a cluster"
    CHANGE = "change a cluster"
    DELETE = "delete a cluster"
    RESTORE = "restore a cluster"
    CREATE_USER = "create a user"
    CHANGE_PASSWORD = "change a password"  # noqa: S105  the name of an operation
    DELETE_USER = "delete a user"
    CREATE_DATABASE = "create a database"
    DELETE_DATABASE = "delete a database"


_PASSWORD = "; the primary user's password may be the configured one already"  # noqa: S105  a sentence

LOOK_AT: dict[tuple[WriteKind, Api], str] = {
    (WriteKind.CREATE, Api.V1): "is a cluster named {about} listed, BUSY or AVAILABLE?",
    (WriteKind.CREATE, Api.V2): "is a cluster named {about} listed, PROVISIONING or AVAILABLE?",
    (WriteKind.CHANGE, Api.V1): "is cluster {about} BUSY, is its last change new, and has it the new values?",
    (
        WriteKind.CHANGE,
        Api.V2,
    ): "is cluster {about} UPDATING, is its last change new, and has it the new values" + _PASSWORD + "?",
    (WriteKind.DELETE, Api.V1): "is cluster {about} still listed, and is it DESTROYING?",
    (WriteKind.DELETE, Api.V2): "is cluster {about} still listed, and is it DESTROYING?",
    (
        WriteKind.RESTORE,
        Api.V1,
    ): "is cluster {about} BUSY, is its last change new, and has it a backup that it had not before?",
    (
        WriteKind.RESTORE,
        Api.V2,
    ): "is cluster {about} UPDATING, is its last change new, and has it a backup that "
    "it had not before" + _PASSWORD + "?",
    (WriteKind.CREATE_USER, Api.V1): "is the cluster BUSY, and does it have a user {about}?",
    (WriteKind.CHANGE_PASSWORD, Api.V1): "is the cluster BUSY, and does user {about} log in with the new "
    "password or with the old one?",
    (WriteKind.DELETE_USER, Api.V1): "does the cluster still have a user {about}?",
    (
        WriteKind.CREATE_DATABASE,
        Api.V1,
    ): "does the cluster have a database {about}? A new one may be missing for a moment.",
    (WriteKind.DELETE_DATABASE, Api.V1): "does the cluster still have a database {about}?",
}
"""Signs that it happened. Neither API lists its requests, so these are inferences (notes 4 to 6 and 9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteIntent:
    """A write: its kind, the id or name of its subject, and the secrets that it carries."""

    write: WriteKind
    about: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def look(self, api: Api) -> str:
        """The next step for the reader when the outcome is unknown."""
        question = LOOK_AT[self.write, api].format(about=quote_name(self.about))
        return f"Do not send it again before you have checked: {question}"
