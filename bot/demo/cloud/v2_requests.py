"""Request bodies of v2, as strict as its specification."""

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from bot.demo.cloud.rules import Filled, Int32, RequestModel, SentWindow, UuidText, with_switches
from bot.domain.cluster import Api


def _unless_unchanged(value: Any, limits: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Let a value pass that the cluster has already; see `ApiCall.parsed`."""
    present = (info.context or {}).get(info.field_name)
    return value if type(value) is type(present) and value == present else limits(value)


_Keepable = WrapValidator(_unless_unchanged)
Name = Annotated[
    str,
    StringConstraints(min_length=2, max_length=63, pattern=r"^[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]$"),
    _Keepable,
]
UserName = Annotated[str, StringConstraints(min_length=2, max_length=16, pattern=r"^[A-Za-z0-9_]+$")]
DatabaseName = Annotated[str, StringConstraints(min_length=2, max_length=63, pattern=r"^[A-Za-z0-9_]+$")]

_SPECIAL = "@$!%*?&"


class SentInstances(RequestModel):
    count: Annotated[Int32, Field(ge=1, le=5)]
    ram: Annotated[Int32, Field(ge=4, le=240), _Keepable]
    cores: Annotated[Int32, Field(ge=1, le=62), _Keepable]
    storage_size: Annotated[Int32, Field(ge=10, le=4096), _Keepable]


class V2ConnectionBody(RequestModel):
    datacenter_id: UuidText
    lan_id: Filled
    primary_instance_address: Filled


class V2CredentialsBody(RequestModel):
    username: UserName
    password: Annotated[str, StringConstraints(min_length=8, max_length=63), Field(repr=False)]
    database: DatabaseName

    @field_validator("password")
    @classmethod
    def _four_classes(cls, password: str) -> str:
        ascii_only = [letter for letter in password if letter.isascii()]
        classes = (str.islower, str.isupper, str.isdigit, _SPECIAL.__contains__)
        if not all(any(test(letter) for letter in ascii_only) for test in classes):
            raise ValueError(
                f"needs a lower case letter, an upper case letter, a digit and one of {_SPECIAL}"
            )
        return password


class SentBackup(RequestModel):
    location: Filled
    retention_days: Annotated[Int32, Field(ge=1, le=365)]


class V2RestoreBody(RequestModel):
    source_backup_id: UuidText | None = None
    recovery_target_datetime: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "V2RestoreBody":
        if self.source_backup_id is None and self.recovery_target_datetime is None:
            raise ValueError("needs sourceBackupId or recoveryTargetDatetime")
        return self


@with_switches(Api.V2)
class SentCluster(RequestModel):
    """A whole cluster. The backup setting comes as `backup`, or in the older form as `backupLocation`."""

    name: Name
    description: str | None = None
    version: Filled
    instances: SentInstances
    connection: V2ConnectionBody
    maintenance_window: SentWindow
    replication_mode: Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"]
    credentials: V2CredentialsBody | None = None
    connection_pooler: Literal["DISABLED", "TRANSACTION", "SESSION"] = "DISABLED"
    restore_from_backup: V2RestoreBody | None = None
    backup: SentBackup | None = None
    backup_location: Filled | None = None

    @model_validator(mode="after")
    def _has_backup(self) -> "SentCluster":
        if self.backup is None and self.backup_location is None:
            raise ValueError("backup is missing")
        return self


class V2NewClusterRequest(RequestModel):
    metadata: dict[str, Any] | None = None
    properties: SentCluster


class EnsureClusterRequest(V2NewClusterRequest):
    id: UuidText
