"""The pack of a cluster: files to take it from v1 to v2. The same facts give the same bytes."""

import re
from dataclasses import dataclass

from migrations.facts import ClusterFacts
from migrations.pack import body, ionosctl, readme, sql, steps, terraform
from migrations.pack.target_cluster import build_target
from migrations.precheck.database_documents import CheckKind, read_sql
from migrations.readiness import Assessment

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file's name and text (UTF-8, lines ending in a line feed)."""

    name: str
    text: str


def pack(facts: ClusterFacts, assessment: Assessment, body_of: body.BodyOf) -> tuple[PackFile, ...]:
    """Return every file, the one to read first at the beginning. No secret is in any of them.

    `assessment` is of the same cluster. Raises what `body_of` raises: PgbotError for what v2 would refuse.
    """
    target = build_target(facts)
    # The SQL names the cluster in quotes, so nothing but an id may go there.
    cluster_id = facts.cluster.id if _UUID.fullmatch(facts.cluster.id) else ""
    properties = body.build_properties(target, body_of)
    return (
        PackFile("README.md", readme.render(assessment, target)),
        PackFile("STEPS.md", steps.render(assessment, target)),
        PackFile("adopt_v2.tf", terraform.render(facts, target, properties)),
        PackFile("provider_v2.tf", terraform.render_versions()),
        PackFile("body.json", body.as_json(properties)),
        PackFile("ionosctl.sh", ionosctl.render(target, facts.cluster.id, properties)),
        PackFile("users_and_databases.sql", sql.render(facts, target)),
        PackFile("precheck.sql", read_sql(CheckKind.PRECHECK, cluster=cluster_id)),
        PackFile("aftercheck.sql", read_sql(CheckKind.AFTERCHECK, cluster=cluster_id)),
    )
