"""Request bodies of v1, as strict as its specification."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bot.demo.cloud.rules import Filled, Int32, RequestModel, SentWindow, UuidText, with_switches
from bot.domain.cluster import Api

Ram = Annotated[Int32, Field(ge=4096, multiple_of=1024)]
Storage = Annotated[Int32, Field(ge=10240, le=2097152)]
Instances = Annotated[Int32, Field(ge=1, le=5)]
Cores = Annotated[Int32, Field(ge=1)]
StorageType = Literal["HDD", "SSD", "SSD Standard", "SSD Premium"]
Password = Annotated[str, StringConstraints(min_length=10, max_length=63)]
ObjectName = Annotated[str, StringConstraints(min_length=1, max_length=63)]


class V1ConnectionBody(RequestModel):
    datacenter_id: UuidText
    lan_id: Filled
    cidr: Filled


class SentPooler(RequestModel):
    enabled: bool = False
    pool_mode: Literal["transaction", "session"] = "transaction"


class V1CredentialsBody(RequestModel):
    username: ObjectName
    # A new cluster's password has a minimum and, unlike a user's, no published maximum.
    password: Annotated[str, StringConstraints(min_length=10), Field(repr=False)]


class V1RestoreBody(RequestModel):
    backup_id: Filled
    recovery_target_time: str | None = None


def _empty_as_none(sent: Any) -> Any:
    """Read `{}` as nothing: the Ansible collection 7.8.0 sends that with every new cluster."""
    return None if sent == {} else sent


@with_switches(Api.V1)
class V1NewClusterBody(RequestModel):
    postgres_version: str
    instances: Instances
    cores: Cores
    ram: Ram
    storage_size: Storage
    storage_type: StorageType
    connections: Annotated[list[V1ConnectionBody], Field(min_length=1, max_length=1)]
    location: str
    backup_location: str | None = None
    display_name: Filled
    maintenance_window: SentWindow | None = None
    credentials: V1CredentialsBody
    synchronization_mode: Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"]
    from_backup: Annotated[V1RestoreBody | None, BeforeValidator(_empty_as_none)] = None
    connection_pooler: SentPooler | None = None


class V1NewClusterRequest(RequestModel):
    metadata: dict[str, Any] | None = None
    properties: V1NewClusterBody


@with_switches(Api.V1)
class ClusterChanges(RequestModel):
    # The Go SDK always sends `connections`, null when unset (notes, section 13.4).
    may_be_null: ClassVar[frozenset[str]] = frozenset({"connections"})

    cores: Cores | None = None
    ram: Ram | None = None
    storage_size: Storage | None = None
    instances: Instances | None = None
    connections: Annotated[list[V1ConnectionBody], Field(max_length=1)] | None = None
    display_name: Filled | None = None
    maintenance_window: SentWindow | None = None
    postgres_version: str | None = None
    connection_pooler: SentPooler | None = None
    synchronization_mode: Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"] | None = None


class ClusterChangesRequest(RequestModel):
    metadata: dict[str, Any] | None = None
    properties: ClusterChanges = ClusterChanges()


class NewUser(RequestModel):
    username: ObjectName
    password: Annotated[Password, Field(repr=False)]


class NewUserRequest(RequestModel):
    properties: NewUser


class UserChanges(RequestModel):
    password: Password | None = Field(default=None, repr=False)


class UserChangesRequest(RequestModel):
    properties: UserChanges


class V1NewDatabaseBody(RequestModel):
    name: ObjectName
    owner: ObjectName


class NewDatabaseRequest(RequestModel):
    properties: V1NewDatabaseBody
