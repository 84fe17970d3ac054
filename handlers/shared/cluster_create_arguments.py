"""The arguments of a new cluster."""

from typing import Annotated

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

    name: Annotated[str, Positional(), InForm(label="Name", hint="")]
    """Name of the cluster"""
    like: Annotated[
        str | None,
        Picks("cluster"),
        InForm(label="Similar cluster", hint="Its settings are filled in where you don't choose your own."),
    ] = None
    """Copy settings that you leave out from this cluster"""
    from_backup: Annotated[
        str | None, Picks("any-backup"), InForm(label="Backup", hint="Also of a cluster that was deleted.")
    ] = None
    """Id of the backup to start from"""
    to: Annotated[
        str,
        Picks("past"),
        InForm(label="Target time", hint="In your own time zone. Leave it empty for all of the backup."),
    ] = ""
    """Target time in the backup, such as 2026-11-20T10:00Z or 2h"""
    user: Annotated[str | None, InForm(label="Name of the primary user", hint="")] = None
    """Name of the primary user, if app.yaml has none for this cluster"""
    password_from: Annotated[
        str | None,
        Picks("reference"),
        InForm(
            label="Reference to the password",
            hint="Where the bot finds the password. app.yaml says which references are allowed.",
        ),
    ] = None
    """Reference to the primary user's password: env:NAME or file:PATH, as app.yaml allows"""
    database: Annotated[
        str | None, InForm(label="First database", hint="If empty, it is named after the primary user.")
    ] = None
    """Name of the first database (default: the name of the primary user)"""
    api: Annotated[Generation | None, InForm(label="API", hint="", unset=_COPIED)] = None
    """API to create it on"""
    contract: Annotated[str | None, InForm(hint="Its name in app.yaml.")] = None
    """Contract, by its name in app.yaml"""
    region: Annotated[str | None, InForm(hint="", example="de/txl")] = None
    """Region, such as de/txl"""
    version: Annotated[str | None, InForm(label="PostgreSQL version", hint="", example="17")] = None
    """PostgreSQL major version, such as 17"""
    instances: Annotated[int | None, InForm(least=1, most=5, hint="")] = None
    """Number of instances, 1 to 5"""
    cores: Annotated[int | None, InForm(label="Cores per instance", least=1, hint="")] = None
    """Cores per instance"""
    ram: RamSize = None
    storage: StorageSize = None
    storage_type: Annotated[StorageType | None, InForm(hint="API v1 only.", unset=_COPIED)] = None
    """Storage type, on v1 only (SSD is SSD Premium)"""
    replication: Annotated[ReplicationMode | None, InForm(hint="", unset=_COPIED)] = None
    """Replication mode of the standbys"""
    pooler: Annotated[PoolMode | None, InForm(label="Connection pooler", hint="", unset=_COPIED)] = None
    """Mode of the pooler"""
    datacenter: Annotated[str | None, InForm(label="Data centre id", hint="")] = None
    """Id of the data centre of the network"""
    lan: Annotated[str | None, InForm(label="LAN number", hint="")] = None
    """Number of the LAN in the data centre"""
    address: Annotated[
        str | None, InForm(hint="If empty, an address that looks free is proposed.", example="192.168.1.4/24")
    ] = None
    """Address of the primary with prefix length, such as 192.168.1.4/24"""
    day: Annotated[Day | None, InForm(label="Maintenance day", hint="In UTC.")] = None
    """Day of the maintenance window, in UTC"""
    time: Annotated[str | None, InForm(label="Maintenance time", hint="In UTC.", example="03:30:00")] = None
    """Start of the maintenance window, in UTC, such as 03:30:00"""
    backup_location: Annotated[str | None, InForm(hint="")] = None
    """Location of the backups"""
    retention: Annotated[int | None, InForm(label="Retention (days)", hint="API v2 only.", least=1)] = None
    """Retention in days, on v2 only"""
    description: Annotated[str | None, InForm(hint="API v2 only.")] = None
    """Description, on v2 only"""
    logs: Annotated[Switch | None, InForm(label="Ship logs", hint="API v2 only.", unset=_COPIED)] = None
    """Ship logs, on v2 only"""
    metrics: Annotated[Switch | None, InForm(label="Ship metrics", hint="API v2 only.", unset=_COPIED)] = None
    """Ship metrics, on v2 only"""
