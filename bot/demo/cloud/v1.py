"""The 25 operations of v1: those of clusters are in `v1_clusters`."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.demo.cloud import logs, state_changes, v1_clusters
from bot.demo.cloud.call import ApiAnswer, ApiCall, SpecOperation, need
from bot.demo.cloud.paging import v1_list, whole_number
from bot.demo.cloud.records import ClusterRecord, DatabaseEntry, TokenOwner, UserRecord
from bot.demo.cloud.refusals import no_such
from bot.demo.cloud.rules import Enveloped, RequestModel, check_not_reserved, read_time, stamp
from bot.demo.cloud.v1_clusters import ObjectName
from bot.demo.cloud.v1_views import backup_view, database_view, user_view

PREFIX = "/databases/postgresql"

_API_VERSIONS = ("v1.0", "v2.0", "v2.1")
_PLATFORM = TokenOwner("platform", "00000000-0000-4000-8000-000000000000")
SYSTEM_USERS = ("admin", "postgres", "standby")
SYSTEM_DATABASES = ("postgres",)
_DELETION_GAP = timedelta(seconds=10)

Password = Annotated[str, StringConstraints(min_length=10, max_length=63)]


class NewUser(RequestModel):
    username: ObjectName
    password: Annotated[Password, Field(repr=False)]


class UserChanges(RequestModel):
    password: Password | None = Field(default=None, repr=False)


class V1NewDatabaseBody(RequestModel):
    name: ObjectName
    owner: ObjectName


def list_versions(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, {"data": [{"name": name} for name in call.cloud.switches.v1_versions]})


def list_cluster_versions(call: ApiCall) -> ApiAnswer:
    """Return the cluster's version and those it can be upgraded to."""
    record = call.cluster()
    offered = [name for name in call.cloud.switches.v1_versions if int(name) > int(record.version)]
    return ApiAnswer(200, {"data": [{"name": name} for name in [record.version, *offered]]})


def list_backups(call: ApiCall) -> ApiAnswer:
    return _backup_list(call, "clusters/backups", None)


def list_cluster_backups(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    return _backup_list(call, f"clusters/{record.id}/backups", record.id)


def _backup_list(call: ApiCall, name: str, cluster_id: str | None) -> ApiAnswer:
    return v1_list(call, name, call.backups(cluster_id), lambda found: backup_view(call, *found))


def read_backup(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, backup_view(call, *call.backup(call.params["backupId"])))


def read_logs(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    limit = whole_number(call, "limit", 100, (1, 5000))
    direction = call.query.get("direction", "BACKWARD")
    need(direction in ("BACKWARD", "FORWARD"), "direction must be BACKWARD or FORWARD")
    oldest = call.now - logs.RETENTION
    start = read_time(call.query["start"], "start") if "start" in call.query else oldest
    end = read_time(call.query["end"], "end") if "end" in call.query else call.now
    if call.cloud.switches.v1_log_range == "refuse":
        # A caller's "30 days ago" is older by the time it is checked.
        need(start >= oldest - timedelta(minutes=1), "start must not be more than 30 days ago")
        need(end <= call.now, "end must not be in the future")
        need(start < end, "start must be before end")
    start, end = max(start, oldest), min(end, call.now)
    found = islice(logs.lines(record, start, end, backward=direction == "BACKWARD"), limit)
    messages: dict[int, list[dict[str, str]]] = {number: [] for number in range(record.instances)}
    for line in found:
        messages[line.instance].append({"time": stamp(line.at, record.oddities), "message": line.message})
    instances = [
        {"name": logs.instance_name(record, number), "messages": written}
        for number, written in messages.items()
    ]
    return ApiAnswer(200, {"instances": instances})


def _users(record: ClusterRecord) -> dict[str, UserRecord]:
    """Return the users by name, the platform's own, which every cluster has, last."""
    own = (UserRecord(name, "", record.created_at, _PLATFORM, "system") for name in SYSTEM_USERS)
    return record.users | {user.username: user for user in own}


def list_users(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    wants_system = call.query.get("system", "false")
    need(wants_system in ("true", "false"), "system must be true or false")
    users = _users(record) if wants_system == "true" else record.users
    name, view = f"clusters/{record.id}/users", partial(user_view, call, record)
    return v1_list(call, name, [*users.values()], view, in_cluster=True)


def _user(call: ApiCall, record: ClusterRecord) -> UserRecord:
    found = _users(record).get(call.params["username"])
    if found is None:
        raise no_such("user")
    return found


def read_user(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    return ApiAnswer(200, user_view(call, record, _user(call, record)))


def create_user(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    requested = call.parsed(Enveloped[NewUser]).properties
    state_changes.need_rest(call, record)
    check_not_reserved(requested.username, "properties.username")
    need(requested.username not in record.users, "properties.username: a user of that name exists")
    user = UserRecord(requested.username, requested.password, call.now, call.access.person)
    record.users[user.username] = user
    state_changes.begin(call, record, call.cloud.durations.user)
    return ApiAnswer(200, user_view(call, record, user))


def change_user(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    user = _user(call, record)
    password = call.parsed(Enveloped[UserChanges]).properties.password
    need(user.origin != "system", "System users cannot be changed")
    state_changes.need_rest(call, record)
    if password is not None:
        kept = user.password if call.cloud.switches.v1_password_change_ignored else password
        user = replace(user, password=kept, modified_at=call.now)
        record.users[user.username] = user
        state_changes.begin(call, record, call.cloud.durations.user)
    return ApiAnswer(200, user_view(call, record, user))


def delete_user(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    user = _user(call, record)
    need(user.origin != "system", "System users cannot be deleted")
    state_changes.need_rest(call, record)
    _check_deletion_gap(call, record)
    del record.users[user.username]
    return ApiAnswer(204)


def _check_deletion_gap(call: ApiCall, record: ClusterRecord) -> None:
    """Refuse deletions in quick succession, as the real API has with 500 (ISS 695), by switch."""
    last, record.last_deletion_at = record.last_deletion_at, call.now
    too_soon = last is not None and call.now - last < _DELETION_GAP
    need(not (too_soon and call.cloud.switches.v1_quick_deletions_fail), "Internal error", 500)


def _databases(record: ClusterRecord) -> dict[str, DatabaseEntry]:
    """Return the databases by name, the platform's own last."""
    made = record.created_at
    own = (DatabaseEntry(name, "postgres", made, _PLATFORM, "system") for name in SYSTEM_DATABASES)
    return record.databases | {database.name: database for database in own}


def list_databases(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    every = _databases(record).values()
    shown = [each for each in every if each.shown_from is None or each.shown_from <= call.now]
    name, view = f"clusters/{record.id}/databases", partial(database_view, call, record)
    return v1_list(call, name, shown, view, in_cluster=True)


def _database(call: ApiCall, record: ClusterRecord) -> DatabaseEntry:
    found = _databases(record).get(call.params["databasename"])
    if found is None:
        raise no_such("database")
    return found


def read_database(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    return ApiAnswer(200, database_view(call, record, _database(call, record)))


def create_database(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    requested = call.parsed(Enveloped[V1NewDatabaseBody]).properties
    state_changes.need_rest(call, record)
    taken = requested.name in record.databases or requested.name in SYSTEM_DATABASES
    need(not taken, "properties.name: a database of that name exists")
    owners = {*record.users, *SYSTEM_USERS}
    need(requested.owner in owners, "properties.owner: there is no such user")
    hidden = timedelta(seconds=call.cloud.switches.v1_new_database_hidden_seconds)
    database = DatabaseEntry(
        requested.name, requested.owner, call.now, call.access.person, shown_from=call.now + hidden
    )
    record.databases[database.name] = database
    return ApiAnswer(200, database_view(call, record, database))


def delete_database(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    database = _database(call, record)
    need(database.origin != "system", "System databases cannot be deleted")
    state_changes.need_rest(call, record)
    _check_deletion_gap(call, record)
    del record.databases[database.name]
    return ApiAnswer(204)


def read_api_version(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _api_version(call, _API_VERSIONS[-1]))


def list_api_versions(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, [_api_version(call, name) for name in _API_VERSIONS])


def _api_version(call: ApiCall, name: str) -> dict[str, str]:
    return {"name": name, "swaggerUrl": f"{call.base}/infos/assets/swagger-{name}.yml"}


_CLUSTER = "/clusters/{clusterId}"
_USER = f"{_CLUSTER}/users/{{username}}"
_DATABASE = f"{_CLUSTER}/databases/{{databasename}}"

OPERATIONS = (
    SpecOperation("GET", "/clusters", "clustersGet", v1_clusters.list_clusters),
    SpecOperation("POST", "/clusters", "clustersPost", v1_clusters.create_cluster),
    SpecOperation("GET", _CLUSTER, "clustersFindById", v1_clusters.read_cluster),
    SpecOperation("PATCH", _CLUSTER, "clustersPatch", v1_clusters.change_cluster),
    SpecOperation("DELETE", _CLUSTER, "clustersDelete", v1_clusters.delete_cluster),
    SpecOperation("GET", f"{_CLUSTER}/postgresversions", "clusterPostgresVersionsGet", list_cluster_versions),
    SpecOperation("GET", f"{_CLUSTER}/versions", "clustersVersionsGet", list_cluster_versions),
    SpecOperation("GET", "/clusters/postgresversions", "postgresVersionsGet", list_versions),
    SpecOperation("GET", "/versions", "versionsGet", list_versions),
    SpecOperation("GET", f"{_CLUSTER}/logs", "clusterLogsGet", read_logs),
    SpecOperation("GET", f"{_CLUSTER}/backups", "clusterBackupsGet", list_cluster_backups),
    SpecOperation("GET", "/clusters/backups", "clustersBackupsGet", list_backups),
    SpecOperation("GET", "/clusters/backups/{backupId}", "clustersBackupsFindById", read_backup),
    SpecOperation("POST", f"{_CLUSTER}/restore", "clusterRestorePost", v1_clusters.restore_cluster),
    SpecOperation("GET", f"{_CLUSTER}/users", "usersList", list_users),
    SpecOperation("POST", f"{_CLUSTER}/users", "usersPost", create_user),
    SpecOperation("GET", _USER, "usersGet", read_user),
    SpecOperation("PATCH", _USER, "usersPatch", change_user),
    SpecOperation("DELETE", _USER, "usersDelete", delete_user),
    SpecOperation("GET", f"{_CLUSTER}/databases", "databasesList", list_databases),
    SpecOperation("POST", f"{_CLUSTER}/databases", "databasesPost", create_database),
    SpecOperation("GET", _DATABASE, "databasesGet", read_database),
    SpecOperation("DELETE", _DATABASE, "databasesDelete", delete_database),
    SpecOperation("GET", "/infos/version", "infosVersionGet", read_api_version),
    SpecOperation("GET", "/infos/versions", "infosVersionsGet", list_api_versions),
)
