"""A change of a v1 cluster as the HTTP request that makes it, for a shell."""

import json
from collections.abc import Mapping
from dataclasses import fields
from shlex import quote
from typing import Any

from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange
from bot.domain.plan import PlanTarget
from bot.domain.stored_values import adapter_of
from bot.ionos.credentials import DEFAULT_API_URL
from bot.ionos.v1 import requests

_FIELDS = frozenset(each.name for each in fields(ClusterChange))


def format_change_request(target: PlanTarget, order: Mapping[str, Any]) -> str | None:
    """Return the line of curl for a plan's order, in v1's own words and units; the shell has the token.

    Return None for an order that changes no property of a cluster, and for v2, whose PUT needs all of them.
    """
    if target.api is not Api.V1 or not target.id or not order or not order.keys() <= _FIELDS:
        return None
    body = json.dumps(
        requests.change_cluster(adapter_of(ClusterChange).validate_python(order)), separators=(",", ":")
    )
    return (
        f"curl --request PATCH {quote(f'{DEFAULT_API_URL}/clusters/{target.id}')} "
        '--header "Authorization: Bearer $IONOS_TOKEN" --header "Content-Type: application/json" '
        f"--data {quote(body)}"
    )
