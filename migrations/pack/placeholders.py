"""The blanks of a pack: values that no API tells, or that only the owner can choose."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from migrations.rule import Rule

Sample = TypeVar("Sample", str, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The verdict for which a value is not v1's own: the rule, its words, and whether it was inconclusive."""

    rule: Rule
    text: str
    is_inconclusive: bool = False


@dataclass(frozen=True, slots=True)
class Placeholder(Generic[Sample]):
    """A value to be filled in by a person. Sizes in GB.

    `name` is V2_… and stands in angle brackets in the request body, as a variable in Terraform, and as an
    environment variable in the script. `path` is where it belongs in v2's properties; empty where it does
    not belong there. `sample` is a value of the right form, for checking the rest of the body: it is in no
    file. `ask` says what to fill in; it is quoted nowhere, so it has letters, digits, commas and dots only.
    `reason` is the verdict that leaves it blank, and `offers` are the values on offer; a blank of a pack has
    a reason.
    """

    name: str
    path: str
    sample: Sample
    ask: str
    offers: tuple[str, ...] = ()
    reason: Reason | None = None


Blank = Placeholder[str] | Placeholder[int]

NAME = Placeholder("V2_NAME", "name", "sample", "the name of the cluster")
VERSION = Placeholder("V2_VERSION", "version", "17", "the PostgreSQL major version, such as 16")
INSTANCES = Placeholder("V2_INSTANCES", "instances.count", 3, "the number of instances, 1 to 5")
CORES = Placeholder("V2_CORES", "instances.cores", 1, "the cores of each instance, 1 to 62")
RAM = Placeholder("V2_RAM", "instances.ram", 4, "the RAM of each instance in GB, 4 to 240")
STORAGE = Placeholder(
    "V2_STORAGE",
    "instances.storageSize",
    10,
    "the storage of each instance in GB, 10 to 4096, at least as large as the data",
)
DATACENTER = Placeholder(
    "V2_DATACENTER_ID",
    "connection.datacenterId",
    "00000000-0000-4000-8000-000000000000",
    "the id of the clients' data center, in the same location",
)
LAN = Placeholder("V2_LAN_ID", "connection.lanId", "1", "the number of the clients' private LAN")
ADDRESS = Placeholder(
    "V2_ADDRESS",
    "connection.primaryInstanceAddress",
    "192.168.1.100/24",
    "a free private address in that LAN with its prefix length",
)
DAY = Placeholder(
    "V2_MAINTENANCE_DAY",
    "maintenanceWindow.dayOfTheWeek",
    "Sunday",
    "the day of the weekly maintenance window, in English",
)
TIME = Placeholder(
    "V2_MAINTENANCE_TIME",
    "maintenanceWindow.time",
    "00:00:00",
    "the start of the maintenance window in UTC, as HH:MM:SS",
)
REPLICATION = Placeholder(
    "V2_REPLICATION_MODE",
    "replicationMode",
    "ASYNCHRONOUS",
    "ASYNCHRONOUS, or STRICTLY_SYNCHRONOUS with 3 instances or more",
)
POOLER = Placeholder(
    "V2_CONNECTION_POOLER", "connectionPooler", "disabled", "DISABLED, TRANSACTION or SESSION"
)
BACKUP_LOCATION = Placeholder(
    "V2_BACKUP_LOCATION",
    "backup.location",
    "sample",
    "one of the backup locations that v2 offers in the region",
)
USERNAME = Placeholder(
    "V2_USERNAME",
    "credentials.username",
    "sample",
    "the primary user, 2 to 16 letters, digits or underscores",
)
PASSWORD = Placeholder(
    "V2_PASSWORD",
    "credentials.password",
    "Sample-Only-1!",
    "the password of the primary user, 10 to 63 characters with lower and upper case, a digit and one of "
    "@$!%*?&",
)
DATABASE = Placeholder(
    "V2_DATABASE",
    "credentials.database",
    "sample",
    "a database of the primary user, 2 to 63 letters, digits or underscores",
)
REGION = Placeholder("V2_REGION", "", "", "the region, such as de/txl")
HOST = Placeholder("V2_HOST", "", "", "the host of that region, such as postgresql.de-txl.ionos.com")
CLUSTER_ID = Placeholder("V2_CLUSTER_ID", "", "", "the id of the cluster in v2")
