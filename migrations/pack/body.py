"""The request body of a new cluster: checked as a whole, then with the blanks in place of their samples."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.cluster_spec import Credentials, NewCluster
from migrations.pack.target_cluster import TargetCluster

BodyOf = Callable[[NewCluster, Credentials], Mapping[str, Any]]
"""The JSON body of v2's POST /clusters, `{"properties": {…}}`, within v2's published limits.

It may raise a `bot.domain.errors.PgbotError` for what v2 would refuse. The composition root passes in
one that is built on the client's own send models, so that the pack sends nothing that the bot would not.
"""


def build_properties(target: TargetCluster, body_of: BodyOf) -> dict[str, Any]:
    """Return v2's properties, with blanks as `<V2_…>`. Raises what `body_of` raises.

    v2 refuses the body as long as the blanks are in it: no password may look like that of `V2_PASSWORD`.
    """
    filled: dict[str, Any] = json.loads(json.dumps(body_of(target.new, target.user)["properties"]))
    for blank in target.blanks:
        if blank.path:
            _put(filled, blank.path, f"<{blank.name}>")
    return filled


def as_json(properties: Mapping[str, Any]) -> str:
    """Return the body as a file."""
    return json.dumps({"properties": properties}, indent=2) + "\n"


def _put(properties: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for step in path[:-1]:
        properties = properties[step]
    properties[path[-1]] = value
