"""v1: list, create, read, change, delete and restore clusters. Bodies are as strict as the specification."""

import ipaddress
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bot.demo.cloud import state_changes
from bot.demo.cloud.call import ApiAnswer, ApiCall, need
from bot.demo.cloud.paging import v1_list
from bot.demo.cloud.places import REGION_BY_LOCATION, V1_BACKUP_LOCATIONS
from bot.demo.cloud.records import (
    ClusterNetwork,
    ClusterRecord,
    Phase,
    PrimaryUserRecord,
    RestoreRecord,
    UserRecord,
    WindowRecord,
)
from bot.demo.cloud.rules import (
    Enveloped,
    Filled,
    Int32,
    RequestModel,
    SentWindow,
    UuidText,
    check_address,
    check_growth,
    check_not_reserved,
    check_upgrade,
    restore_from,
    restore_target,
    sent_switches,
    with_switches,
)
from bot.demo.cloud.v1_views import cluster_view, state_of
from bot.domain.cluster import Api

IMMUTABLE = ("location", "storageType", "backupLocation", "credentials", "fromBackup")

Ram = Annotated[Int32, Field(ge=4096, multiple_of=1024)]
Storage = Annotated[Int32, Field(ge=10240, le=2097152)]
Instances = Annotated[Int32, Field(ge=1, le=5)]
Cores = Annotated[Int32, Field(ge=1)]
StorageType = Literal["HDD", "SSD", "SSD Standard", "SSD Premium"]
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


class V1NewClusterRequest(Enveloped[V1NewClusterBody]):
    metadata: dict[str, Any] | None = None


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


def list_clusters(call: ApiCall) -> ApiAnswer:
    requested = call.query.get("filter.name", "").casefold()
    found = [record for record in call.clusters() if requested in record.name.casefold()]
    return v1_list(call, "clusters", found, partial(cluster_view, call))


def read_cluster(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, cluster_view(call, call.cluster()))


def create_cluster(call: ApiCall) -> ApiAnswer:
    requested = call.parsed(V1NewClusterRequest).properties
    _check_new(call, requested)
    sent = requested.from_backup
    restores = [] if sent is None else [_source(call, sent, requested.postgres_version)]
    record = _new_record(call, requested)
    record.restores = restores
    call.cloud.add(record)
    done = state_changes.begin(call, record, call.cloud.durations.create, phase=Phase.CREATING)
    call.cloud.new_backup(record, done)
    return ApiAnswer(200, cluster_view(call, record))


def _source(call: ApiCall, sent: V1RestoreBody, version: str) -> RestoreRecord:
    found = call.sent_backup(sent.backup_id, "backupId")
    target = restore_target(call, sent.recovery_target_time, "recoveryTargetTime")
    return restore_from(call, found, target, version, "recoveryTargetTime")


def _check_new(call: ApiCall, requested: V1NewClusterBody) -> None:
    need(requested.location in REGION_BY_LOCATION, "location is not known")
    known = requested.backup_location is None or requested.backup_location in V1_BACKUP_LOCATIONS
    need(known, "backupLocation is not known")
    need(requested.postgres_version in call.cloud.switches.v1_versions, "postgresVersion is not available")
    check_address(call, requested.connections[0].cidr, "connections.0.cidr")
    check_not_reserved(requested.credentials.username, "credentials.username")


def _new_record(call: ApiCall, requested: V1NewClusterBody) -> ClusterRecord:
    pooler, window, person = requested.connection_pooler, requested.maintenance_window, call.access.person
    name, password = requested.credentials.username, requested.credentials.password
    return ClusterRecord(
        id=call.cloud.new_id(),
        contract=call.contract,
        api="v1",
        location=requested.location,
        name=requested.display_name,
        version=requested.postgres_version,
        instances=requested.instances,
        cores=requested.cores,
        ram_mb=requested.ram,
        storage_mb=requested.storage_size,
        storage_type=requested.storage_type,
        backup_location=requested.backup_location
        or REGION_BY_LOCATION[requested.location].v1_backup_location,
        created_at=call.now,
        created_by=person,
        credentials=PrimaryUserRecord(name, password),
        network=_network(requested.connections[0]),
        window=WindowRecord("03:00:00", "Sunday") if window is None else window.record(),
        replication=requested.synchronization_mode,
        pooler_enabled=pooler is not None and pooler.enabled,
        pool_mode="transaction" if pooler is None else pooler.pool_mode,
        switches=sent_switches(requested),
        users={name: UserRecord(name, password, call.now, person)},
    )


def _network(sent: V1ConnectionBody) -> ClusterNetwork:
    return ClusterNetwork(sent.datacenter_id, sent.lan_id, str(ipaddress.IPv4Interface(sent.cidr)))


def change_cluster(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    changes = call.parsed(ClusterChangesRequest).properties
    state_changes.need_rest(call, record)
    _check_changes(call, record, changes)
    if not _detaches_by_null(call, changes) and not changes.model_dump(exclude_none=True):
        return ApiAnswer(200, cluster_view(call, record))
    raises_version = changes.postgres_version not in (None, record.version)
    shown_state = state_of(record)
    seconds = call.cloud.durations.upgrade if raises_version else call.cloud.durations.change
    _apply(call, record, changes)
    delay = call.cloud.switches.v1_patch_delay_seconds
    done = state_changes.begin(call, record, seconds, delay=delay)
    if raises_version and changes.postgres_version is not None:
        state_changes.upgrade(call, record, changes.postgres_version, done)
    view = cluster_view(call, record)
    # The guide's samples answer a change with the state before it.
    view["metadata"]["state"] = shown_state
    return ApiAnswer(200, view)


def _check_changes(call: ApiCall, record: ClusterRecord, changes: ClusterChanges) -> None:
    sent = call.body.get("properties", {})
    for name in IMMUTABLE:
        need(name not in sent, f"{name} cannot be changed")
    null = changes.connections is None and "connections" in sent
    refused = null and call.cloud.switches.v1_null_connections == "refuse"
    need(not refused, "connections must not be null")
    if changes.postgres_version is not None:
        check_upgrade(record, changes.postgres_version, call.cloud.switches.v1_versions)
    if changes.storage_size is not None:
        check_growth(record, changes.storage_size)
    for connection in changes.connections or []:
        check_address(call, connection.cidr, "connections.0.cidr")


def _detaches_by_null(call: ApiCall, changes: ClusterChanges) -> bool:
    null = changes.connections is None and "connections" in changes.model_fields_set
    return null and call.cloud.switches.v1_null_connections == "detach"


def _apply(call: ApiCall, record: ClusterRecord, changes: ClusterChanges) -> None:
    record.cores = changes.cores or record.cores
    record.ram_mb = changes.ram or record.ram_mb
    record.storage_mb = changes.storage_size or record.storage_mb
    record.instances = changes.instances or record.instances
    record.name = changes.display_name or record.name
    record.replication = changes.synchronization_mode or record.replication
    record.switches |= sent_switches(changes)
    if changes.maintenance_window is not None:
        record.window = changes.maintenance_window.record()
    if changes.connection_pooler is not None:
        record.pooler_enabled = changes.connection_pooler.enabled
        record.pool_mode = changes.connection_pooler.pool_mode
    if changes.connections is not None or _detaches_by_null(call, changes):
        record.network = _network(changes.connections[0]) if changes.connections else None


def delete_cluster(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    state_changes.destroy(call, record)
    return ApiAnswer(200, cluster_view(call, record))


def restore_cluster(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    sent = call.parsed(V1RestoreBody)
    state_changes.need_rest(call, record)
    state_changes.restore(call, record, _source(call, sent, record.version))
    return ApiAnswer(202)
