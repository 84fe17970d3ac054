"""The round trip of a v1 cluster through the pack's body into v2 and back, and the rules that must find
losses."""

import json
from dataclasses import replace

from pack_kit import assess

from bot.domain.cluster import Api, Cluster
from bot.ionos.endpoint import Endpoint
from bot.ionos.tolerant_models import TolerantAnswer
from bot.ionos.v2.requests import create_cluster
from bot.ionos.v2.responses import V2Cluster, to_cluster
from migrations.pack.target_cluster import build_target
from migrations.v1_v2_diff import compare_clusters

FINDERS = {
    "region": {"PGR002", "PGR008"},
    "name": {"PGR040"},
    "state": {"PGR004"},
    "postgres_version": {"PGR030", "PGR032"},
    "instances": {"PGR016"},
    "cores": {"PGR013"},
    "ram_mb": {"PGR010", "PGR011", "PGR012"},
    "storage_mb": {"PGR014", "PGR015", "PGR017"},
    "connections": {"PGR005", "PGR006", "PGR007"},
    "maintenance": {"PGR080", "PGR081"},
    "replication": {"PGR020", "PGR021"},
    "pooler": {"PGR071"},
    "backup_location": {"PGR050"},
}
"""The rules that find why a field does not come back as it was, or are inconclusive."""

_STATES = {"BUSY": "UPDATING"}


def there_and_back(given) -> Cluster:
    """Return the cluster as v2 would show it after being made from the pack's body, the vendor's part
    being v1's."""
    cluster, target = given.cluster, build_target(given)
    properties = dict(create_cluster(target.new, target.user)["properties"])
    del properties["credentials"]
    shown = json.dumps(
        {
            "id": cluster.id,
            "type": "cluster",
            "metadata": {"state": _STATES.get(cluster.state, cluster.state), "dnsName": cluster.dns_name},
            "properties": properties,
        }
    )
    place = Endpoint(api=Api.V2, contract=cluster.contract, base="", region=target.new.region)
    read = to_cluster(TolerantAnswer(V2Cluster.model_validate_json(shown)), place)
    assert read is not None
    return replace(
        read,
        created_at=cluster.created_at,
        created_by=cluster.created_by,
        modified_at=cluster.modified_at,
        modified_by=cluster.modified_by,
    )


def unexplained(given) -> list[str]:
    """Return the fields that come back different, without a rule that says so."""
    assessment = assess(given)
    said = {each.rule.id for each in (*assessment.findings, *assessment.questions)}
    differences = compare_clusters(given.cluster, there_and_back(given))
    return [each.field for each in differences if not FINDERS.get(each.field, set()) & said]


def unfounded(given) -> list[str]:
    """Return the rules that the pack names for a change of its own, and that do not fire on the cluster."""
    assessment, target = assess(given), build_target(given)
    said = {each.rule.id for each in (*assessment.findings, *assessment.questions)}
    fitted = (reason for each in target.fitted for reason in each.reasons)
    kept = (each.reason for each in target.unchecked)
    named = {each.rule.id for each in (*(blank.reason for blank in target.blanks), *fitted, *kept)}
    return sorted(named - said)
