"""The 11 operations of v2, the same in every region."""

from functools import partial
from typing import Any

from bot.demo.cloud import state_changes
from bot.demo.cloud.call import ApiAnswer, ApiCall, SpecOperation, need
from bot.demo.cloud.paging import v2_list
from bot.demo.cloud.places import OFFERS, OfferedVersion, derived_id
from bot.demo.cloud.records import ClusterRecord
from bot.demo.cloud.refusals import ApiRefusal, no_such
from bot.demo.cloud.rules import is_uuid
from bot.demo.cloud.v2_views import backup_view, cluster_view, state_of
from bot.demo.cloud.v2_writes import (
    EnsureClusterRequest,
    SentCluster,
    V2NewClusterRequest,
    backup_locations,
    create,
    replace,
)

STATES = ("PROVISIONING", "AVAILABLE", "UPDATING", "DESTROYING", "FAILED")


def list_clusters(call: ApiCall) -> ApiAnswer:
    found = [record for record in call.clusters() if record.network is not None]
    state = call.query.get("filter.state")
    need(state is None or state in STATES, f"filter.state must be one of {', '.join(STATES)}")
    name = call.query.get("filter.name")
    need(name is None or 2 <= len(name) <= 63, "filter.name must have 2 to 63 characters")
    if state is not None:
        found = [record for record in found if state_of(record) == state]
    if name is not None:
        found = [record for record in found if _matches_name(call, record, name)]
    return v2_list(call, "clusters", found, partial(cluster_view, call))


def _matches_name(call: ApiCall, record: ClusterRecord, part: str) -> bool:
    exact = call.cloud.switches.v2_filter_name_case_sensitive
    return part in record.name if exact else part.casefold() in record.name.casefold()


def read_cluster(call: ApiCall) -> ApiAnswer:
    record = call.cluster()
    if record.network is None:
        raise no_such("cluster")
    return ApiAnswer(200, cluster_view(call, record))


def create_cluster(call: ApiCall) -> ApiAnswer:
    requested = call.parsed(V2NewClusterRequest).properties
    need(requested.credentials is not None, "properties.credentials: Field required")
    return create(call, requested, call.cloud.new_id())


def ensure_cluster(call: ApiCall) -> ApiAnswer:
    cluster_id = call.params["clusterId"].lower()
    need(is_uuid(cluster_id), "clusterId must be a UUID")
    present = call.cloud.find(cluster_id)
    request = call.parsed(EnsureClusterRequest, _allowed_unchanged(call, present))
    need(request.id.lower() == cluster_id, "id must be the one in the path")
    requested = request.properties
    if present is None:
        return _create_by_put(call, requested, cluster_id)
    if not call.sees(present) or present.api != "v2":
        raise ApiRefusal(409, "The id is in use")
    return replace(call, present, requested)


def _allowed_unchanged(call: ApiCall, present: ClusterRecord | None) -> dict[str, Any]:
    """Return the values that a PUT may leave unchanged although v2 refuses them for a new cluster."""
    if present is None or not call.sees(present) or not call.cloud.switches.v2_put_keeps_unfit:
        return {}
    sizes = cluster_view(call, present)["properties"]["instances"]
    return {
        "name": present.name,
        "ram": sizes["ram"],
        "cores": sizes["cores"],
        "storage_size": sizes["storageSize"],
    }


def _create_by_put(call: ApiCall, requested: SentCluster, cluster_id: str) -> ApiAnswer:
    if not call.cloud.switches.v2_put_creates:
        raise no_such("cluster")
    refuses = call.cloud.switches.v2_put_without_credentials == "refuse"
    need(not refuses or requested.credentials is not None, "properties.credentials: Field required")
    return create(call, requested, cluster_id)


def delete_cluster(call: ApiCall) -> ApiAnswer:
    state_changes.destroy(call, call.cluster())
    return ApiAnswer(202)


def list_backups(call: ApiCall) -> ApiAnswer:
    found = call.backups(call.query.get("filter.clusterId"))
    return v2_list(call, "backups", found, lambda each: backup_view(call, *each))


def read_backup(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, backup_view(call, *call.backup(call.params["backupId"])))


def list_locations(call: ApiCall) -> ApiAnswer:
    return v2_list(call, "backup-locations", backup_locations(call), partial(_location_view, call))


def read_location(call: ApiCall) -> ApiAnswer:
    requested = call.params["backupLocationId"].lower()
    for name in backup_locations(call):
        if derived_id("backup-location", name) == requested:
            return ApiAnswer(200, _location_view(call, name))
    raise no_such("backup location")


def _location_view(call: ApiCall, name: str) -> dict[str, Any]:
    return _catalogue_view(call, "backup-location", name, {"location": name})


def _catalogue_view(call: ApiCall, kind: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    number = derived_id(kind, name)
    return {
        "id": number,
        "type": kind,
        "href": f"{call.base}/{kind}s/{number}",
        "metadata": {},
        "properties": properties,
    }


def _offers(call: ApiCall) -> list[OfferedVersion]:
    # A version from the operator's switch has no description.
    names = call.cloud.switches.v2_versions
    return [OFFERS.get(name, OfferedVersion(name, "SUPPORTED", "")) for name in names]


def list_versions(call: ApiCall) -> ApiAnswer:
    return v2_list(call, "versions", _offers(call), partial(_version_view, call))


def read_version(call: ApiCall) -> ApiAnswer:
    requested = call.params["versionId"].lower()
    for offer in _offers(call):
        if derived_id("version", offer.version) == requested:
            return ApiAnswer(200, _version_view(call, offer))
    raise no_such("version")


def _version_view(call: ApiCall, offer: OfferedVersion) -> dict[str, Any]:
    newer = [each for each in call.cloud.switches.v2_versions if int(each) > int(offer.version)]
    properties = {
        "version": offer.version,
        "status": offer.status,
        **({"comment": offer.comment} if offer.comment else {}),
        "canUpgradeTo": newer,
    }
    return _catalogue_view(call, "version", offer.version, properties)


_CLUSTER = "/clusters/{clusterId}"

OPERATIONS = (
    SpecOperation("GET", "/clusters", "clustersGet", list_clusters),
    SpecOperation("POST", "/clusters", "clustersPost", create_cluster),
    SpecOperation("GET", _CLUSTER, "clustersFindById", read_cluster),
    SpecOperation("PUT", _CLUSTER, "clustersPut", ensure_cluster),
    SpecOperation("DELETE", _CLUSTER, "clustersDelete", delete_cluster),
    SpecOperation("GET", "/backups", "backupsGet", list_backups),
    SpecOperation("GET", "/backups/{backupId}", "backupsFindById", read_backup),
    SpecOperation("GET", "/backup-locations", "backuplocationsGet", list_locations),
    SpecOperation("GET", "/backup-locations/{backupLocationId}", "backuplocationsFindById", read_location),
    SpecOperation("GET", "/versions", "versionsGet", list_versions),
    SpecOperation("GET", "/versions/{versionId}", "versionsFindById", read_version),
)
