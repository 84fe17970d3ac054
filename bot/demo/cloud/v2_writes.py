"""v2: POST and PUT of a cluster, from the body, as strict as the specification, to the record."""

import dataclasses
import ipaddress
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

from bot.demo.cloud import state_changes
from bot.demo.cloud.call import ApiAnswer, ApiCall, need
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import Region
from bot.demo.cloud.records import (
    ClusterNetwork,
    ClusterRecord,
    DatabaseEntry,
    Phase,
    PrimaryUserRecord,
    RestoreRecord,
    UserRecord,
)
from bot.demo.cloud.refusals import ApiRefusal, no_such
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
from bot.demo.cloud.v2_views import cluster_view, state_of
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


class V2NewClusterRequest(Enveloped[SentCluster]):
    metadata: dict[str, Any] | None = None


class EnsureClusterRequest(V2NewClusterRequest):
    id: UuidText


def _region(call: ApiCall) -> Region:
    if call.region is None:
        raise no_such("region")
    return call.region


def backup_locations(call: ApiCall) -> tuple[str, ...]:
    """Return the values that `backup.location` may have in this region."""
    return call.cloud.switches.v2_backup_locations or _region(call).v2_backup_locations


def create(call: ApiCall, requested: SentCluster, cluster_id: str) -> ApiAnswer:
    _check_network(call, requested)
    _check_replication(requested)
    _check_user(requested)
    need(requested.version in call.cloud.switches.v2_versions, "version is not available")
    need(_location(requested) in backup_locations(call), "backup.location is not known in this region")
    restore = _source(call, requested)
    record = _new_record(call, requested, cluster_id)
    _apply(call, record, requested)
    if restore is not None:
        record.restores.append(restore)
    call.cloud.add(record)
    done = state_changes.begin(call, record, call.cloud.durations.create, phase=Phase.CREATING)
    call.cloud.new_backup(record, done)
    view = cluster_view(call, record)
    view["metadata"]["state"] = call.cloud.switches.v2_created_state
    return ApiAnswer(201, view)


def _check_network(call: ApiCall, requested: SentCluster) -> None:
    check_address(call, requested.connection.primary_instance_address, "connection.primaryInstanceAddress")


def _check_replication(requested: SentCluster) -> None:
    strict = requested.replication_mode == "STRICTLY_SYNCHRONOUS"
    need(not strict or requested.instances.count >= 3, "STRICTLY_SYNCHRONOUS needs at least 3 instances")


def _check_user(requested: SentCluster) -> None:
    if requested.credentials is not None:
        check_not_reserved(requested.credentials.username, "credentials.username")


def _location(requested: SentCluster) -> str:
    return (requested.backup.location if requested.backup is not None else requested.backup_location) or ""


def _source(call: ApiCall, requested: SentCluster) -> RestoreRecord | None:
    sent = requested.restore_from_backup
    if sent is None:
        return None
    if sent.source_backup_id is None:
        raise ApiRefusal(422, "restoreFromBackup.sourceBackupId is needed for a new cluster")
    found = call.sent_backup(sent.source_backup_id, "restoreFromBackup.sourceBackupId")
    target = restore_target(call, sent.recovery_target_datetime, "recoveryTargetDatetime")
    return restore_from(call, found, target, requested.version, "recoveryTargetDatetime")


def _new_record(call: ApiCall, requested: SentCluster, cluster_id: str) -> ClusterRecord:
    instances = requested.instances
    return ClusterRecord(
        id=cluster_id,
        contract=call.contract,
        api="v2",
        # de/fra and de/fra/2 share a host: only the data center tells them apart.
        location=_region(call).locations[0],
        name=requested.name,
        version=requested.version,
        instances=instances.count,
        cores=instances.cores,
        ram_mb=instances.ram * 1024,
        storage_mb=instances.storage_size * 1024,
        backup_location=_location(requested),
        created_at=call.now,
        created_by=call.access.person,
        credentials=None,
    )


def _apply(call: ApiCall, record: ClusterRecord, requested: SentCluster) -> None:
    """Replace everything that a PUT does; what it leaves out has fallen back to its default."""
    connection = requested.connection
    record.name, record.description = requested.name, requested.description
    record.instances, record.cores = requested.instances.count, requested.instances.cores
    record.ram_mb = requested.instances.ram * 1024
    record.storage_mb = max(record.storage_mb, requested.instances.storage_size * 1024)
    address = str(ipaddress.IPv4Interface(connection.primary_instance_address))
    record.network = ClusterNetwork(connection.datacenter_id, connection.lan_id, address)
    record.window = requested.maintenance_window.record()
    record.replication = requested.replication_mode
    record.pooler_enabled = requested.connection_pooler != "DISABLED"
    record.pool_mode = requested.connection_pooler.lower() if record.pooler_enabled else "transaction"
    record.switches = sent_switches(requested)
    record.retention_days = 7 if requested.backup is None else requested.backup.retention_days
    has_old_form = {Oddity.OLD_BACKUP_FORM} if requested.backup is None else set()
    record.oddities = record.oddities - {Oddity.OLD_BACKUP_FORM} | has_old_form
    _set_credentials(call, record, requested)


def _set_credentials(call: ApiCall, record: ClusterRecord, requested: SentCluster) -> None:
    """Make missing user and database, and set an existing user's password; nothing goes."""
    sent = requested.credentials
    if sent is None:
        if call.cloud.switches.v2_put_without_credentials == "blank":
            record.credentials = None
        return
    person = call.access.person
    record.credentials = PrimaryUserRecord(sent.username, sent.password, sent.database)
    present = record.users.get(sent.username)
    record.users[sent.username] = (
        UserRecord(sent.username, sent.password, call.now, person)
        if present is None
        else dataclasses.replace(present, password=sent.password, modified_at=call.now)
    )
    if sent.database not in record.databases:
        entry = DatabaseEntry(sent.database, sent.username, call.now, person)
        record.databases[sent.database] = entry


def replace(call: ApiCall, record: ClusterRecord, requested: SentCluster) -> ApiAnswer:
    _need_rest(call, record)
    _check_replacement(call, record, requested)
    restore = _in_place(call, record, requested)
    raises_version = requested.version != record.version
    _apply(call, record, requested)
    durations = call.cloud.durations
    # A restore begins work of its own, and by switch shows it late or never: the PUT must not give it away.
    if restore is None or raises_version:
        done = state_changes.begin(call, record, durations.upgrade if raises_version else durations.change)
        if raises_version:
            state_changes.upgrade(call, record, requested.version, done)
    if restore is not None:
        state_changes.restore(call, record, restore)
    return ApiAnswer(200, cluster_view(call, record))


def _need_rest(call: ApiCall, record: ClusterRecord) -> None:
    """Refuse a PUT unless the cluster is AVAILABLE or FAILED, or the switch lets writes in at any time."""
    state_changes.need_rest(call, record)
    state = state_of(record)
    accepts = call.cloud.switches.writes_while_busy == "accept"
    need(accepts or state in ("AVAILABLE", "FAILED"), f"The cluster is {state}", 409)


def _check_replacement(call: ApiCall, record: ClusterRecord, requested: SentCluster) -> None:
    switches = call.cloud.switches
    _check_user(requested)
    if not switches.v2_put_keeps_unfit or not _keeps_replication(record, requested):
        _check_replication(requested)
    check_upgrade(record, requested.version, switches.v2_versions)
    check_growth(record, requested.instances.storage_size * 1024)
    need(_location(requested) == record.backup_location, "backup.location cannot be changed")
    sent = requested.credentials is not None
    need(sent or switches.v2_put_without_credentials != "refuse", "properties.credentials: Field required")
    _check_connection(call, record, requested)
    if switches.v2_conflict_on == "busy_or_name_taken":
        taken = any(one.name == requested.name for one in call.clusters() if one is not record)
        need(not taken, "Another cluster has this name", 409)


def _keeps_replication(record: ClusterRecord, requested: SentCluster) -> bool:
    return (requested.replication_mode, requested.instances.count) == (record.replication, record.instances)


def _check_connection(call: ApiCall, record: ClusterRecord, requested: SentCluster) -> None:
    sent, present = requested.connection, record.network
    same = present is not None and (sent.datacenter_id, sent.lan_id, sent.primary_instance_address) == (
        present.datacenter_id,
        present.lan_id,
        present.address,
    )
    need(same or call.cloud.switches.v2_connection_mutable, "connection cannot be changed")
    if not (same and call.cloud.switches.v2_put_keeps_unfit):
        _check_network(call, requested)


def _in_place(call: ApiCall, record: ClusterRecord, requested: SentCluster) -> RestoreRecord | None:
    """Return the in-place restore that is asked for; the service, not the caller, chooses the backup."""
    sent = requested.restore_from_backup
    if sent is None:
        return None
    need(sent.source_backup_id is None, "restoreFromBackup.sourceBackupId is for new clusters only")
    target = restore_target(call, sent.recovery_target_datetime, "recoveryTargetDatetime")
    now, kept = call.now, record.kept
    usable = [one for one in record.backups if target is not None and one.covers(target, now, kept)]
    need(bool(usable), "recoveryTargetDatetime is outside the time range of every backup")
    return restore_from(call, (record, usable[-1]), target, requested.version, "recoveryTargetDatetime")
