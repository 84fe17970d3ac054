"""v1: list, create, read, change, delete and restore clusters."""

import ipaddress

from bot.demo.cloud import state_changes
from bot.demo.cloud.call import ApiAnswer, ApiCall, need
from bot.demo.cloud.lookup import find_v1_backup
from bot.demo.cloud.paging import cut, page_of, v1_envelope
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
    SentWindow,
    check_address,
    check_growth,
    check_not_reserved,
    check_restorable,
    check_upgrade,
    restore_target,
    sent_switches,
)
from bot.demo.cloud.v1_requests import (
    ClusterChanges,
    ClusterChangesRequest,
    V1ConnectionBody,
    V1NewClusterBody,
    V1NewClusterRequest,
    V1RestoreBody,
)
from bot.demo.cloud.v1_views import cluster_view, state_of

IMMUTABLE = ("location", "storageType", "backupLocation", "credentials", "fromBackup")


def list_clusters(call: ApiCall) -> ApiAnswer:
    page = page_of(call)
    requested = call.query.get("filter.name", "").casefold()
    found = call.clusters()
    if requested:
        found = [record for record in found if requested in record.name.casefold()]
    envelope = v1_envelope(call, "clusters", found, page, "links")
    return ApiAnswer(200, {**envelope, "items": [cluster_view(call, one) for one in cut(call, found, page)]})


def read_cluster(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, cluster_view(call, call.cluster()))


def create_cluster(call: ApiCall) -> ApiAnswer:
    requested = call.parsed(V1NewClusterRequest).properties
    _check_new(call, requested)
    source = None
    if requested.from_backup is not None:
        source = _source(call, requested.from_backup, requested.postgres_version)
    record = _new_record(call, requested)
    record.restores = [] if source is None else [source]
    call.cloud.add(record)
    done = state_changes.begin(call, record, call.cloud.durations.create, phase=Phase.CREATING)
    call.cloud.new_backup(record, done)
    return ApiAnswer(200, cluster_view(call, record))


def _source(call: ApiCall, sent: V1RestoreBody, version: str) -> RestoreRecord:
    found = find_v1_backup(call, sent.backup_id)
    target = restore_target(call, sent.recovery_target_time, "recoveryTargetTime")
    check_restorable(call, found, target, version, "recoveryTargetTime")
    return RestoreRecord(call.now, found[1].suffix, found[1].cluster_id, target)


def _check_new(call: ApiCall, requested: V1NewClusterBody) -> None:
    need(requested.location in REGION_BY_LOCATION, "location is not known")
    known = requested.backup_location is None or requested.backup_location in V1_BACKUP_LOCATIONS
    need(known, "backupLocation is not known")
    need(requested.postgres_version in call.cloud.switches.v1_versions, "postgresVersion is not available")
    check_address(call, requested.connections[0].cidr, "connections.0.cidr")
    check_not_reserved(requested.credentials.username, "credentials.username")


def _new_record(call: ApiCall, requested: V1NewClusterBody) -> ClusterRecord:
    pooler = requested.connection_pooler
    person = call.access.person
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
        window=_window(requested.maintenance_window) or WindowRecord("03:00:00", "Sunday"),
        replication=requested.synchronization_mode,
        pooler_enabled=pooler is not None and pooler.enabled,
        pool_mode="transaction" if pooler is None else pooler.pool_mode,
        switches=sent_switches(requested),
        users={name: UserRecord(name, password, call.now, person)},
    )


def _network(sent: V1ConnectionBody) -> ClusterNetwork:
    return ClusterNetwork(sent.datacenter_id, sent.lan_id, str(ipaddress.IPv4Interface(sent.cidr)))


def _window(sent: SentWindow | None) -> WindowRecord | None:
    return None if sent is None else WindowRecord(sent.time, sent.day_of_the_week)


def change_cluster(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    changes = call.parsed(ClusterChangesRequest).properties
    state_changes.need_rest(call, record)
    _check_changes(call, record, changes)
    if not _detaches_by_null(call, changes) and not changes.model_dump(exclude_none=True):
        return ApiAnswer(200, cluster_view(call, record))
    raises_version = changes.postgres_version not in (None, record.version)
    shown_state = state_of(record)
    durations = call.cloud.durations
    _apply(call, record, changes)
    done = state_changes.begin(
        call,
        record,
        durations.upgrade if raises_version else durations.change,
        delay=call.cloud.switches.v1_patch_delay_seconds,
    )
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
    record.window = _window(changes.maintenance_window) or record.window
    record.replication = changes.synchronization_mode or record.replication
    record.switches |= sent_switches(changes)
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
