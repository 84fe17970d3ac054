"""v1: versions, backups, logs, and the API's own versions."""

from datetime import timedelta
from itertools import islice

from bot.demo.cloud import logs
from bot.demo.cloud.api_times import read_time, stamp
from bot.demo.cloud.call import ApiAnswer, ApiCall, need
from bot.demo.cloud.lookup import v1_backup, visible_backups
from bot.demo.cloud.paging import cut, page_of, v1_envelope, whole_number
from bot.demo.cloud.v1_views import backup_view

_API_VERSIONS = ("v1.0", "v2.0", "v2.1")


def list_versions(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, {"data": [{"name": name} for name in call.cloud.switches.v1_versions]})


def list_cluster_versions(call: ApiCall) -> ApiAnswer:
    """Return the cluster's version and those it can be upgraded to."""
    record = call.cluster()
    offered = [name for name in call.cloud.switches.v1_versions if int(name) > int(record.version)]
    return ApiAnswer(200, {"data": [{"name": name} for name in [record.version, *offered]]})


def list_backups(call: ApiCall) -> ApiAnswer:
    return _backup_page(call, "clusters/backups", None)


def list_cluster_backups(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    return _backup_page(call, f"clusters/{record.id}/backups", record.id)


def _backup_page(call: ApiCall, name: str, cluster_id: str | None) -> ApiAnswer:
    page = page_of(call)
    found = visible_backups(call, cluster_id)
    envelope = v1_envelope(call, name, found, page, "links")
    items = [backup_view(call, record, backup) for record, backup in cut(call, found, page)]
    return ApiAnswer(200, {**envelope, "items": items})


def read_backup(call: ApiCall) -> ApiAnswer:
    record, backup = v1_backup(call, call.params["backupId"])
    return ApiAnswer(200, backup_view(call, record, backup))


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


def read_api_version(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _api_version(call, _API_VERSIONS[-1]))


def list_api_versions(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, [_api_version(call, name) for name in _API_VERSIONS])


def _api_version(call: ApiCall, name: str) -> dict[str, str]:
    return {"name": name, "swaggerUrl": f"{call.base}/infos/assets/swagger-{name}.yml"}
