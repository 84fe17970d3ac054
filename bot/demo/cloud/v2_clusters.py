"""v2: list, create, read, ensure and delete clusters."""

from typing import Any

from bot.demo.cloud import state_changes
from bot.demo.cloud.call import ApiAnswer, ApiCall, need
from bot.demo.cloud.paging import cut, page_of, v2_envelope
from bot.demo.cloud.records import ClusterRecord
from bot.demo.cloud.refusals import ApiRefusal, no_such
from bot.demo.cloud.rules import is_uuid
from bot.demo.cloud.v2_requests import EnsureClusterRequest, SentCluster, V2NewClusterRequest
from bot.demo.cloud.v2_views import cluster_view, state_of
from bot.demo.cloud.v2_writes import create, replace

STATES = ("PROVISIONING", "AVAILABLE", "UPDATING", "DESTROYING", "FAILED")


def list_clusters(call: ApiCall) -> ApiAnswer:
    page = page_of(call)
    found = [record for record in call.clusters() if record.network is not None]
    state = call.query.get("filter.state")
    need(state is None or state in STATES, f"filter.state must be one of {', '.join(STATES)}")
    name = call.query.get("filter.name")
    need(name is None or 2 <= len(name) <= 63, "filter.name must have 2 to 63 characters")
    if state is not None:
        found = [record for record in found if state_of(record) == state]
    if name is not None:
        found = [record for record in found if _matches_name(call, record, name)]
    envelope = v2_envelope(call, "clusters", found, page)
    items = [cluster_view(call, record) for record in cut(call, found, page)]
    return ApiAnswer(200, envelope | shown_items(call, items))


def _matches_name(call: ApiCall, record: ClusterRecord, part: str) -> bool:
    exact = call.cloud.switches.v2_filter_name_case_sensitive
    return part in record.name if exact else part.casefold() in record.name.casefold()


def shown_items(call: ApiCall, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return `items`, which v2 may omit if empty (notes, section 13.7)."""
    return {} if not items and call.cloud.switches.v2_omits_empty_items else {"items": items}


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
