"""Operations that one generation lacks, and what to do instead. Source: mapping, 2 and 4."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.cluster import Api
from bot.domain.errors import NotOffered


class Operation(StrEnum):
    """An operation, in the words of a sentence that begins with the API's name."""

    READ = "reading clusters"
    CREATE = "creating a cluster"
    CHANGE = "changing a cluster"
    DELETE = "deleting a cluster"
    BACKUPS = "listing backups"
    RESTORE = "restoring in place"
    RESTORE_FROM_BACKUP = "restoring in place from a chosen backup"
    DETACH = "detaching a cluster from its network"
    USERS = "managing users"
    DATABASES = "managing databases"
    LOGS = "reading logs"
    BACKUP_RETENTION = "choosing the backup retention"
    SHIPPED_LOGS = "shipping logs and metrics to the observability service"
    DESCRIPTION = "describing a cluster"
    STORAGE_TYPE = "choosing the storage type"


@dataclass(frozen=True, slots=True)
class MissingOperation:
    """Why a generation has no such operation, and what to do instead."""

    reason: str
    substitute: str


LACKS: dict[tuple[Operation, Api], MissingOperation] = {
    (Operation.USERS, Api.V2): MissingOperation(
        "it has only the primary user, in the cluster's credentials",
        "Connect as the primary user and use SQL. To list users: SELECT rolname, rolcanlogin FROM pg_roles "
        "ORDER BY 1. To change them, “user create”, “user password” and “user delete” give you a script.",
    ),
    (Operation.DATABASES, Api.V2): MissingOperation(
        "it has only the initial database, in the cluster's credentials",
        "Connect as the primary user and use SQL. To list databases: SELECT datname, pg_get_userbyid(datdba) "
        "FROM pg_database WHERE NOT datistemplate. To change them, “database create” and “database delete” "
        "give you a script.",
    ),
    (Operation.LOGS, Api.V2): MissingOperation(
        "it has no log endpoint",
        "Read the logs in IONOS's observability service. The cluster's logsEnabled must be on, and the "
        "service must be active on the contract.",
    ),
    (Operation.RESTORE_FROM_BACKUP, Api.V2): MissingOperation(
        "it chooses the backup for a restore in place itself",
        "Give only the target time, or create a new cluster from the backup.",
    ),
    (Operation.DETACH, Api.V2): MissingOperation(
        "a cluster must be attached to a network", "Attach the cluster to another LAN instead."
    ),
    (Operation.BACKUP_RETENTION, Api.V1): MissingOperation(
        "it keeps every backup for 7 days", "v2 can keep backups for 1 to 365 days."
    ),
    (Operation.SHIPPED_LOGS, Api.V1): MissingOperation(
        "it has a log endpoint instead", "Read the logs with “log show”."
    ),
    (Operation.DESCRIPTION, Api.V1): MissingOperation(
        "its clusters have only a name", "Put the description into the name."
    ),
    (Operation.STORAGE_TYPE, Api.V2): MissingOperation(
        "its clusters have no storage type", "Leave the storage type out."
    ),
}
"""What one generation lacks. Everything that is not named here exists on both."""


def is_offered(operation: Operation, api: Api) -> bool:
    return (operation, api) not in LACKS


def require_operation(operation: Operation, api: Api) -> None:
    """Let pass what the generation has. Raises NotOffered, with the reason and the substitute."""
    lack = LACKS.get((operation, api))
    if lack is not None:
        raise NotOffered(f"The {api} API does not support {operation}: {lack.reason}.", lack.substitute)


_SETS_PASSWORD = "sets the password of the primary user {user} to the one in the configured secret"  # noqa: S105
_LAST_WRITES = "can leave the latest writes out of the backups, as shipping the last WAL may take 5 minutes"
_BUSY = "makes the cluster BUSY for a while"

SIDE_EFFECTS: dict[tuple[Operation, Api], str] = {
    (Operation.CHANGE, Api.V1): f"{_BUSY}; RAM and cores cause a failover, fewer instances can",
    (Operation.CHANGE, Api.V2): _SETS_PASSWORD,
    (Operation.RESTORE, Api.V1): "makes the database unavailable during the restore, and starts a new backup",
    (Operation.RESTORE, Api.V2): _SETS_PASSWORD,
    (Operation.DELETE, Api.V1): _LAST_WRITES,
    (Operation.DELETE, Api.V2): _LAST_WRITES,
    (Operation.USERS, Api.V1): _BUSY,
}
"""What a write does besides what it is for; notes sections 4 to 6 and 9. What is not named has none known."""


def describe_side_effects(operation: Operation, api: Api, *, user: str = "") -> str:
    """Return them for the plan, in a sentence that begins with "It"; "" when none is known.

    `user` is the name of the cluster's primary user, as the configured credentials have it.
    """
    return SIDE_EFFECTS.get((operation, api), "").format(user=user or "of the cluster")


def sets_password(operation: Operation, api: Api) -> bool:
    """Return whether this write sends the primary user's password, and so needs it and sets it."""
    return SIDE_EFFECTS.get((operation, api)) == _SETS_PASSWORD


def substitute_on_v2(operation: Operation) -> str:
    """Return what to do on v2 where it lacks an operation, in a sentence; empty where v2 has it."""
    lack = LACKS.get((operation, Api.V2))
    return lack.substitute if lack else ""
