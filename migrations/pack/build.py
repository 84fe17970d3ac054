"""The pack of a cluster: files to take it from v1 to v2. The same facts give the same bytes."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.cluster_spec import Credentials, NewCluster
from migrations.facts import ClusterFacts
from migrations.pack import ionosctl, readme, sql, steps, terraform
from migrations.pack.target_cluster import TargetCluster, build_target
from migrations.precheck.database_documents import CheckKind, read_sql
from migrations.readiness import Assessment

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

BodyOf = Callable[[NewCluster, Credentials], Mapping[str, Any]]
"""The JSON body of v2's POST /clusters, `{"properties": {…}}`, within v2's published limits.

It may raise a `bot.domain.errors.PgbotError` for what v2 would refuse. The composition root passes in
one that is built on the client's own send models, so that the pack sends nothing that the bot would not.
"""


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file's name and text (UTF-8, lines ending in a line feed)."""

    name: str
    text: str


def pack(facts: ClusterFacts, assessment: Assessment, body_of: BodyOf) -> tuple[PackFile, ...]:
    """Return every file, the one to read first at the beginning. No secret is in any of them.

    `assessment` is of the same cluster. Raises what `body_of` raises: PgbotError for what v2 would refuse.
    """
    target = build_target(facts)
    # The SQL names the cluster in quotes, so nothing but an id may go there.
    cluster_id = facts.cluster.id if _UUID.fullmatch(facts.cluster.id) else ""
    properties = _build_properties(target, body_of)
    return (
        PackFile("README.md", readme.render(assessment, target)),
        PackFile("STEPS.md", steps.render(assessment, target)),
        PackFile("adopt_v2.tf", terraform.render(facts, target, properties)),
        PackFile("provider_v2.tf", terraform.VERSIONS),
        PackFile("body.json", json.dumps({"properties": properties}, indent=2) + "\n"),
        PackFile("ionosctl.sh", ionosctl.render(target, facts.cluster.id, properties)),
        PackFile("users_and_databases.sql", sql.render(facts, target)),
        PackFile("precheck.sql", read_sql(CheckKind.PRECHECK, cluster=cluster_id)),
        PackFile("aftercheck.sql", read_sql(CheckKind.AFTERCHECK, cluster=cluster_id)),
    )


def _build_properties(target: TargetCluster, body_of: BodyOf) -> dict[str, Any]:
    """Return v2's properties, checked as a whole, then with blanks as `<V2_…>` in place of their samples.

    v2 refuses the body as long as the blanks are in it: no password may look like that of `V2_PASSWORD`.
    """
    filled: dict[str, Any] = json.loads(json.dumps(body_of(target.new, target.user)["properties"]))
    for blank in target.blanks:
        *outer, last = blank.path.split(".")
        part = filled
        for step in outer:
            part = part[step]
        if last:
            part[last] = f"<{blank.name}>"
    return filled
