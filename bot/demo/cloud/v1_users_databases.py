"""v1: database users and databases."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.demo.cloud import state_changes
from bot.demo.cloud.call import ApiAnswer, ApiCall, need
from bot.demo.cloud.paging import cut, page_of, v1_envelope
from bot.demo.cloud.records import ClusterRecord, DatabaseEntry, TokenOwner, UserRecord
from bot.demo.cloud.refusals import no_such
from bot.demo.cloud.rules import check_not_reserved
from bot.demo.cloud.v1_requests import NewDatabaseRequest, NewUserRequest, UserChangesRequest
from bot.demo.cloud.v1_views import database_view, user_view

_PLATFORM = TokenOwner("platform", "00000000-0000-4000-8000-000000000000")
SYSTEM_USERS = ("admin", "postgres", "standby")
SYSTEM_DATABASES = ("postgres",)
_DELETION_GAP = timedelta(seconds=10)


def system_users(record: ClusterRecord) -> list[UserRecord]:
    """Return the platform's own users, which every cluster has."""
    return [UserRecord(name, "", record.created_at, _PLATFORM, "system") for name in SYSTEM_USERS]


def system_databases(record: ClusterRecord) -> list[DatabaseEntry]:
    """Return the platform's own databases."""
    return [
        DatabaseEntry(name, "postgres", record.created_at, _PLATFORM, "system") for name in SYSTEM_DATABASES
    ]


def list_users(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    page = page_of(call)
    wants_system = call.query.get("system", "false")
    need(wants_system in ("true", "false"), "system must be true or false")
    users = [*record.users.values(), *(system_users(record) if wants_system == "true" else [])]
    name = f"clusters/{record.id}/users"
    envelope = v1_envelope(call, name, users, page, "_links")
    items = [user_view(call, record, user) for user in cut(call, users, page)]
    return ApiAnswer(200, {**envelope, "href": f"{call.base}/{name}", "items": items})


def _user(call: ApiCall, record: ClusterRecord) -> UserRecord:
    name = call.params["username"]
    found = record.users.get(name)
    if found is None:
        found = next((user for user in system_users(record) if user.username == name), None)
    if found is None:
        raise no_such("user")
    return found


def read_user(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    return ApiAnswer(200, user_view(call, record, _user(call, record)))


def create_user(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    requested = call.parsed(NewUserRequest).properties
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
    password = call.parsed(UserChangesRequest).properties.password
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


def _databases(record: ClusterRecord, now: datetime) -> list[DatabaseEntry]:
    shown = [one for one in record.databases.values() if one.shown_from is None or one.shown_from <= now]
    return shown + system_databases(record)


def list_databases(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    page = page_of(call)
    databases = _databases(record, call.now)
    name = f"clusters/{record.id}/databases"
    envelope = v1_envelope(call, name, databases, page, "_links")
    items = [database_view(call, record, one) for one in cut(call, databases, page)]
    return ApiAnswer(200, {**envelope, "href": f"{call.base}/{name}", "items": items})


def _database(call: ApiCall, record: ClusterRecord) -> DatabaseEntry:
    name = call.params["databasename"]
    found = record.databases.get(name)
    if found is None:
        found = next((one for one in system_databases(record) if one.name == name), None)
    if found is None:
        raise no_such("database")
    return found


def read_database(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    return ApiAnswer(200, database_view(call, record, _database(call, record)))


def create_database(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    requested = call.parsed(NewDatabaseRequest).properties
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
