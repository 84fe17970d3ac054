"""The parts of what v1 is sent, each with its rule in words. See ionos-v1.openapi.yaml, notes 3, 9."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from bot.ionos.strict_models import SendModel

Instances = Annotated[int, Field(ge=1, le=5)]
Cores = Annotated[int, Field(ge=1)]
Ram = Annotated[int, Field(ge=4096, multiple_of=1024)]
Storage = Annotated[int, Field(ge=10_240, le=2_097_152)]
Major = Annotated[str, StringConstraints(pattern=r"\A[0-9]{1,3}\z")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=63)]
Day = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

INSTANCES = "A cluster has 1 to 5 instances"
CORES = "An instance has at least 1 core"
RAM = "RAM per instance is a whole number of GB, 4 or more (v1)"
STORAGE = "Storage per instance is 10 GB to 2048 GB (v1)"
MAJOR = 'The PostgreSQL version is a major, such as "16"'


class V1WindowSpec(SendModel):
    """Start of the weekly four hours, UTC; the same in both APIs."""

    time: Annotated[
        str,
        StringConstraints(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z"),
        Field(description="The maintenance time is HH:MM:SS in UTC"),
    ]
    day_of_the_week: Annotated[
        Day, Field(description="The maintenance day is an English day name, such as Sunday")
    ]


class V1NetworkSpec(SendModel):
    """The one private network of a cluster."""

    datacenter_id: Annotated[
        str, Field(min_length=1, description="A network needs the id of its data centre")
    ]
    lan_id: Annotated[str, Field(min_length=1, description="A network needs the number of its LAN")]
    cidr: str


class PoolerSetting(SendModel):
    """The pooler; a mode goes only with a pooler that is on."""

    enabled: bool
    pool_mode: Literal["transaction", "session"] | None = None


class InitialUser(SendModel):
    """The cluster's first user."""

    username: Annotated[
        str, Field(min_length=1, max_length=63, description="A user name has 1 to 63 characters")
    ]
    password: Annotated[
        SecretStr, Field(min_length=10, description="A password has at least 10 characters (v1)")
    ]


class V1UserSpec(SendModel):
    """A user to create."""

    username: Annotated[Name, Field(description="A user name has 1 to 63 characters")]
    password: Annotated[
        SecretStr, Field(min_length=10, max_length=63, description="A password has 10 to 63 characters (v1)")
    ]


class Password(SendModel):
    """A new password."""

    password: Annotated[
        SecretStr, Field(min_length=10, max_length=63, description="A password has 10 to 63 characters (v1)")
    ]


class V1DatabaseSpec(SendModel):
    """A database to create."""

    name: Annotated[Name, Field(description="A database name has 1 to 63 characters")]
    owner: Annotated[Name, Field(description="An owner's name has 1 to 63 characters")]


class V1RestoreSpec(SendModel):
    """Which backup, and up to but not including when."""

    backup_id: Annotated[str, Field(min_length=1, description="A restore on v1 needs the id of a backup")]
    recovery_target_time: str | None = None


class V1ClusterSpec(SendModel):
    """A cluster to create. MB."""

    postgres_version: Annotated[Major, Field(description=MAJOR)]
    instances: Annotated[Instances, Field(description=INSTANCES)]
    cores: Annotated[Cores, Field(description=CORES)]
    ram: Annotated[Ram, Field(description=RAM)]
    storage_size: Annotated[Storage, Field(description=STORAGE)]
    storage_type: Annotated[
        Literal["HDD", "SSD", "SSD Standard", "SSD Premium"],
        Field(description="The storage type is one of: HDD, SSD Standard, SSD Premium"),
    ]
    connections: list[V1NetworkSpec]
    location: Annotated[
        Literal[
            "de/fra",
            "de/fra/2",
            "de/txl",
            "es/vit",
            "fr/par",
            "gb/bhx",
            "gb/lhr",
            "us/ewr",
            "us/las",
            "us/mci",
        ],
        Field(description="The location is one of the ten of v1, such as de/txl"),
    ]
    display_name: Annotated[str, Field(min_length=1, description="A cluster needs a name")]
    credentials: InitialUser
    synchronization_mode: Annotated[
        Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"],
        Field(description="A new cluster's replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS"),
    ]
    backup_location: Annotated[
        str | None, Field(min_length=1, description="A backup location must not be empty")
    ] = None
    maintenance_window: V1WindowSpec | None = None
    from_backup: V1RestoreSpec | None = None
    connection_pooler: PoolerSetting | None = None


class V1ClusterPatch(SendModel):
    """What a PATCH may change. MB."""

    display_name: Annotated[str | None, Field(min_length=1, description="A cluster needs a name")] = None
    postgres_version: Annotated[Major | None, Field(description=MAJOR)] = None
    instances: Annotated[Instances | None, Field(description=INSTANCES)] = None
    cores: Annotated[Cores | None, Field(description=CORES)] = None
    ram: Annotated[Ram | None, Field(description=RAM)] = None
    storage_size: Annotated[Storage | None, Field(description=STORAGE)] = None
    connections: list[V1NetworkSpec] | None = None
    maintenance_window: V1WindowSpec | None = None
    synchronization_mode: Annotated[
        Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"] | None,
        Field(description="The replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS"),
    ] = None
    connection_pooler: PoolerSetting | None = None


class LogQuery(SendModel):
    """Which log lines."""

    start: str | None = None
    end: str | None = None
    direction: Annotated[
        Literal["BACKWARD", "FORWARD"], Field(description="Logs are read BACKWARD or FORWARD")
    ]
    limit: Annotated[int, Field(ge=1, le=5000, description="At most 5000 log lines at a time")]
