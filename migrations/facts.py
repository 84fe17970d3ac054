"""The facts of a cluster that rules check, and those that could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from bot.domain.cluster import Backup, BackupLocation, Cluster, ClusterDatabase, DbUser, PostgresVersion
from migrations.identity import HomeRegion, find_home
from migrations.precheck.database_documents import DatabaseDocument


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that could not be found out: why, in words. It stands where the fact would.

    `question` is what to ask a person, where no API has the fact and only people can get it.
    """

    why: str
    question: str = ""


class FactNeed(StrEnum):
    """The facts that a rule needs besides the cluster itself; nothing is fetched that no active rule
    needs."""

    BACKUPS = "backups"
    USERS = "users"
    DATABASES = "databases"
    V2_VERSIONS = "v2_versions"
    V2_LOCATIONS = "v2_locations"
    V2_CLUSTER = "v2_cluster"
    NAMESAKES = "namesakes"
    PRECHECK = "precheck"


ASK_FOR_PRECHECK = "Can you run pgbot precheck on its databases? See docs/precheck.md."

NO_PRECHECK = MissingFact("its databases have no precheck", ASK_FOR_PRECHECK)

NOT_FETCHED = MissingFact("not read, because no active rule needs it")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """One v1 cluster and everything around it. MB and UTC throughout; `read_at` is when it was read.

    `v2_cluster` is what v2 shows under the same id: a cluster, or None where v2 says that there is none.
    `v2_successor` is what it shows under another id that is probably the same. `namesakes` are other clusters
    of the same name in the same region.
    """

    cluster: Cluster
    read_at: datetime
    owner: str | None = None
    backups: tuple[Backup, ...] | MissingFact = NOT_FETCHED
    users: tuple[DbUser, ...] | MissingFact = NOT_FETCHED
    databases: tuple[ClusterDatabase, ...] | MissingFact = NOT_FETCHED
    v2_versions: tuple[PostgresVersion, ...] | MissingFact = NOT_FETCHED
    v2_locations: tuple[BackupLocation, ...] | MissingFact = NOT_FETCHED
    v2_cluster: Cluster | MissingFact | None = NOT_FETCHED
    v2_successor: Cluster | None = None
    namesakes: tuple[Cluster, ...] | MissingFact = NOT_FETCHED
    precheck: DatabaseDocument | MissingFact = NO_PRECHECK

    @property
    def accounts(self) -> Mapping[str, Sequence[DbUser | ClusterDatabase] | MissingFact]:
        """Users and databases, by what one of them is called."""
        return {"user": self.users, "database": self.databases}

    @property
    def home(self) -> HomeRegion:
        """The cluster's region, which every rule goes by."""
        return find_home(self.cluster)

    def is_unread(self, field: str) -> bool:
        """Return whether v1's answer held something unknown in the place of a field, such as
        `properties.connections`, of what it is in, or of what is in it. One that may be left out is not
        unread without it."""
        paths = (odd.partition(":")[0] for odd in self.cluster.oddities)
        return any(f"{path}.".startswith(f"{field}.") or f"{field}.".startswith(f"{path}.") for path in paths)

    def first_missing(self, needs: frozenset[FactNeed]) -> MissingFact | None:
        """Return the first of these facts that could not be read."""
        missing = {need: fact for need in needs if isinstance(fact := getattr(self, need), MissingFact)}
        return missing[min(missing)] if missing else None


def is_own(thing: DbUser | ClusterDatabase) -> bool | None:
    """Return whether it is the customer's own, not the platform's. None: v1's answer does not say.

    Source: `createdBy` of system objects ends in `_system_` (ionos-v1.openapi.yaml).
    """
    if (thing.created_by or "").endswith("_system_"):
        return False
    if isinstance(thing, DbUser):
        return None if thing.is_system is None else not thing.is_system
    return True if thing.created_by else None


def known(fact: T | MissingFact) -> T:
    """Return a fact that the rule's `needs` guarantee."""
    if isinstance(fact, MissingFact):
        raise TypeError(f"the rule uses a fact that it does not declare in `needs`: {fact.why}")
    return fact
