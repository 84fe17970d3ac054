"""The arguments of a new cluster."""

from typing import Annotated

from pydantic import Field

from bot.commands.declaration import ChangeArguments, Picks, Positional
from bot.commands.form_layout import InForm
from handlers.shared.argument_types import (
    Day,
    Generation,
    PoolMode,
    RamSize,
    ReplicationMode,
    StorageSize,
    StorageType,
    Switch,
)

_COPIED = "As the similar cluster"
"""The answer that leaves a choice to --like, or to the defaults."""


class ClusterCreateArguments(ChangeArguments):
    """A new cluster; what is left out comes from --like, else it is small and plain."""

    name: Annotated[
        str, Positional(), InForm(label="Name", hint=""), Field(description="Name of the cluster")
    ]
    like: Annotated[
        str | None,
        Picks("cluster"),
        InForm(label="Similar cluster", hint="Its settings are filled in where you don't choose your own."),
        Field(description="Copy settings that you leave out from this cluster"),
    ] = None
    from_backup: Annotated[
        str | None,
        Picks("any-backup"),
        InForm(label="Backup", hint="Also of a cluster that was deleted."),
        Field(description="Id of the backup to start from"),
    ] = None
    to: Annotated[
        str,
        Picks("past"),
        InForm(label="Target time", hint="In your own time zone. Leave it empty for all of the backup."),
        Field(description="Target time in the backup, such as 2026-11-20T10:00Z or 2h"),
    ] = ""
    user: Annotated[
        str | None,
        InForm(label="Name of the primary user", hint=""),
        Field(description="Name of the primary user, if app.yaml has none for this cluster"),
    ] = None
    password_from: Annotated[
        str | None,
        Picks("reference"),
        InForm(
            label="Reference to the password",
            hint="Where the bot finds the password. app.yaml says which references are allowed.",
        ),
        Field(
            description="Reference to the primary user's password: env:NAME or file:PATH, as app.yaml allows"
        ),
    ] = None
    database: Annotated[
        str | None,
        InForm(label="First database", hint="If empty, it is named after the primary user."),
        Field(description="Name of the first database (default: the name of the primary user)"),
    ] = None
    api: Annotated[
        Generation | None,
        InForm(label="API", hint="", unset=_COPIED),
        Field(description="API to create it on"),
    ] = None
    contract: Annotated[
        str | None,
        InForm(hint="Its name in app.yaml."),
        Field(description="Contract, by its name in app.yaml"),
    ] = None
    region: Annotated[
        str | None, InForm(hint="", example="de/txl"), Field(description="Region, such as de/txl")
    ] = None
    version: Annotated[
        str | None,
        InForm(label="PostgreSQL version", hint="", example="17"),
        Field(description="PostgreSQL major version, such as 17"),
    ] = None
    instances: Annotated[
        int | None, InForm(least=1, most=5, hint=""), Field(description="Number of instances, 1 to 5")
    ] = None
    cores: Annotated[
        int | None,
        InForm(label="Cores per instance", least=1, hint=""),
        Field(description="Cores per instance"),
    ] = None
    ram: RamSize = None
    storage: StorageSize = None
    storage_type: Annotated[
        StorageType | None,
        InForm(hint="API v1 only.", unset=_COPIED),
        Field(description="Storage type, on v1 only (SSD is SSD Premium)"),
    ] = None
    replication: Annotated[
        ReplicationMode | None,
        InForm(hint="", unset=_COPIED),
        Field(description="Replication mode of the standbys"),
    ] = None
    pooler: Annotated[
        PoolMode | None,
        InForm(label="Connection pooler", hint="", unset=_COPIED),
        Field(description="Mode of the pooler"),
    ] = None
    datacenter: Annotated[
        str | None,
        InForm(label="Data centre id", hint=""),
        Field(description="Id of the data centre of the network"),
    ] = None
    lan: Annotated[
        str | None,
        InForm(label="LAN number", hint=""),
        Field(description="Number of the LAN in the data centre"),
    ] = None
    address: Annotated[
        str | None,
        InForm(hint="If empty, an address that looks free is proposed.", example="192.168.1.4/24"),
        Field(description="Address of the primary with prefix length, such as 192.168.1.4/24"),
    ] = None
    day: Annotated[
        Day | None,
        InForm(label="Maintenance day", hint="In UTC."),
        Field(description="Day of the maintenance window, in UTC"),
    ] = None
    time: Annotated[
        str | None,
        InForm(label="Maintenance time", hint="In UTC.", example="03:30:00"),
        Field(description="Start of the maintenance window, in UTC, such as 03:30:00"),
    ] = None
    backup_location: Annotated[str | None, InForm(hint=""), Field(description="Location of the backups")] = (
        None
    )
    retention: Annotated[
        int | None,
        InForm(label="Retention (days)", hint="API v2 only.", least=1),
        Field(description="Retention in days, on v2 only"),
    ] = None
    description: Annotated[
        str | None, InForm(hint="API v2 only."), Field(description="Description, on v2 only")
    ] = None
    logs: Annotated[
        Switch | None,
        InForm(label="Ship logs", hint="API v2 only.", unset=_COPIED),
        Field(description="Ship logs, on v2 only"),
    ] = None
    metrics: Annotated[
        Switch | None,
        InForm(label="Ship metrics", hint="API v2 only.", unset=_COPIED),
        Field(description="Ship metrics, on v2 only"),
    ] = None
