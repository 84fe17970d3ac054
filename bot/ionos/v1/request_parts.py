"""Parts of v1's requests, each with its rule in words. See ionos-v1.openapi.yaml, notes 3, 9."""

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints

from bot.ionos.strict_models import SendModel

Name = Annotated[str, StringConstraints(min_length=1, max_length=63)]
Major = Annotated[
    str,
    StringConstraints(pattern=r"\A[0-9]{1,3}\z"),
    Field(description='The PostgreSQL version is a major, such as "16"'),
]
Day = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


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


class NetworkSpec(SendModel):
    """The private network of a cluster, without the address, which each API names in its own way."""

    datacenter_id: Annotated[
        str,
        StringConstraints(pattern=r"\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z"),
        Field(
            description="A network needs its data centre's id, such as 03a8fdf1-fbc4-43f6-91ce-0506444e17dd"
        ),
    ]
    lan_id: Annotated[
        str,
        StringConstraints(pattern=r"\A[0-9]{1,10}\z"),
        Field(description="A network needs the number of its LAN, such as 2"),
    ]


class InitialUser(SendModel):
    """The first user of a cluster."""

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
    """A backup, and the time before which its data end."""

    backup_id: Annotated[str, Field(min_length=1, description="A restore on v1 needs the id of a backup")]
    recovery_target_time: str | None = None


UNSET: Any = None
"""The default of a field that is looked at only where it is given."""


class V1ChangeLimits(SendModel):
    """Limits of what a PATCH takes, by the domain's fields. MB."""

    name: Annotated[str, Field(min_length=1, description="A cluster needs a name")] = UNSET
    postgres_version: Major = UNSET
    instances: Annotated[int, Field(ge=1, le=5, description="A cluster has 1 to 5 instances")] = UNSET
    cores: Annotated[int, Field(ge=1, description="An instance has at least 1 core")] = UNSET
    ram_mb: Annotated[
        int,
        Field(
            ge=4096, multiple_of=1024, description="RAM per instance is a whole number of GB, 4 or more (v1)"
        ),
    ] = UNSET
    storage_mb: Annotated[
        int, Field(ge=10_240, le=2_097_152, description="Storage per instance is 10 GB to 2048 GB (v1)")
    ] = UNSET
    replication: Annotated[
        Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"],
        Field(description="The replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS"),
    ] = UNSET


class V1NewClusterLimits(V1ChangeLimits):
    """Limits of what a POST takes, by the domain's fields. MB."""

    replication: Annotated[
        Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"],
        Field(description="A new cluster's replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS"),
    ] = UNSET
    storage_type: Annotated[
        Literal["HDD", "SSD", "SSD Standard", "SSD Premium"],
        Field(description="The storage type is one of: HDD, SSD Standard, SSD Premium"),
    ] = UNSET
    backup_location: Annotated[
        str, Field(min_length=1, description="A backup location must not be empty")
    ] = UNSET


class V1PlaceSpec(SendModel):
    """The place of a new cluster."""

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


class LogQuery(SendModel):
    """A range of log lines."""

    start: str | None = None
    end: str | None = None
    direction: Annotated[
        Literal["BACKWARD", "FORWARD"], Field(description="Logs are read BACKWARD or FORWARD")
    ]
    limit: Annotated[int, Field(ge=1, le=5000, description="At most 5000 log lines at a time")]
