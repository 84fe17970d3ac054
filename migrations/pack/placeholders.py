"""The blanks of a pack: values that no API tells, or that only the owner can choose."""

from dataclasses import dataclass, replace

from migrations.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The verdict for which a value is not v1's own: the rule, its words, and whether it was inconclusive."""

    rule: Rule
    text: str
    is_inconclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A value to be filled in by a person. Sizes in GB.

    `name` is V2_… and stands in angle brackets in the request body, as a variable in Terraform, and as an
    environment variable in the script. `path` is where it belongs in v2's properties; empty where it does
    not belong there. `sample` is a value of the right form, for checking the rest of the body: it is in no
    file. `ask` says what to fill in; it is quoted nowhere, so it has letters, digits, commas and dots only.
    `reason` is the verdict that leaves it blank; a blank of a pack has one.
    """

    name: str
    path: tuple[str, ...]
    sample: str | int
    ask: str
    offers: tuple[str, ...] = ()
    reason: Reason | None = None

    def because(self, reason: Reason, offers: tuple[str, ...] = ()) -> "Placeholder":
        """Return the same blank with the reason why it is one here, and the values on offer."""
        return replace(self, reason=reason, offers=offers)


NAME = Placeholder(name="V2_NAME", path=("name",), sample="sample", ask="the name of the cluster")
VERSION = Placeholder(
    name="V2_VERSION", path=("version",), sample="17", ask="the PostgreSQL major version, such as 16"
)
INSTANCES = Placeholder(
    name="V2_INSTANCES", path=("instances", "count"), sample=3, ask="the number of instances, 1 to 5"
)
CORES = Placeholder(
    name="V2_CORES", path=("instances", "cores"), sample=1, ask="the cores of each instance, 1 to 62"
)
RAM = Placeholder(
    name="V2_RAM", path=("instances", "ram"), sample=4, ask="the RAM of each instance in GB, 4 to 240"
)
STORAGE = Placeholder(
    name="V2_STORAGE",
    path=("instances", "storageSize"),
    sample=10,
    ask="the storage of each instance in GB, 10 to 4096, at least as large as the data",
)
DATACENTER = Placeholder(
    name="V2_DATACENTER_ID",
    path=("connection", "datacenterId"),
    sample="00000000-0000-4000-8000-000000000000",
    ask="the id of the clients' data center, in the same location",
)
LAN = Placeholder(
    name="V2_LAN_ID",
    path=("connection", "lanId"),
    sample="1",
    ask="the number of the clients' private LAN",
)
ADDRESS = Placeholder(
    name="V2_ADDRESS",
    path=("connection", "primaryInstanceAddress"),
    sample="192.168.1.100/24",
    ask="a free private address in that LAN with its prefix length",
)
DAY = Placeholder(
    name="V2_MAINTENANCE_DAY",
    path=("maintenanceWindow", "dayOfTheWeek"),
    sample="Sunday",
    ask="the day of the weekly maintenance window, in English",
)
TIME = Placeholder(
    name="V2_MAINTENANCE_TIME",
    path=("maintenanceWindow", "time"),
    sample="00:00:00",
    ask="the start of the maintenance window in UTC, as HH:MM:SS",
)
REPLICATION = Placeholder(
    name="V2_REPLICATION_MODE",
    path=("replicationMode",),
    sample="ASYNCHRONOUS",
    ask="ASYNCHRONOUS, or STRICTLY_SYNCHRONOUS with 3 instances or more",
)
POOLER = Placeholder(
    name="V2_CONNECTION_POOLER",
    path=("connectionPooler",),
    sample="disabled",
    ask="DISABLED, TRANSACTION or SESSION",
)
BACKUP_LOCATION = Placeholder(
    name="V2_BACKUP_LOCATION",
    path=("backup", "location"),
    sample="sample",
    ask="one of the backup locations that v2 offers in the region",
)
USERNAME = Placeholder(
    name="V2_USERNAME",
    path=("credentials", "username"),
    sample="sample",
    ask="the primary user, 2 to 16 letters, digits or underscores",
)
PASSWORD = Placeholder(
    name="V2_PASSWORD",
    path=("credentials", "password"),
    sample="Sample-Only-1!",
    ask=(
        "the password of the primary user, 10 to 63 characters with lower and upper case, a digit and "
        "one of @$!%*?&"
    ),
)
DATABASE = Placeholder(
    name="V2_DATABASE",
    path=("credentials", "database"),
    sample="sample",
    ask="a database of the primary user, 2 to 63 letters, digits or underscores",
)
REGION = Placeholder(name="V2_REGION", path=(), sample="", ask="the region, such as de/txl")
HOST = Placeholder(
    name="V2_HOST",
    path=(),
    sample="",
    ask="the host of that region, such as postgresql.de-txl.ionos.com",
)
CLUSTER_ID = Placeholder(name="V2_CLUSTER_ID", path=(), sample="", ask="the id of the cluster in v2")
