"""What a pack would ask v2 for: the cluster as it is, and what was done where v2 does not allow that.

Source: v1-v2-mapping, section 3; the limits are those of ionos-v2.openapi.yaml.
"""

import re
from dataclasses import dataclass

from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow
from migrations.collect import V2_REGIONS
from migrations.facts import ClusterFacts
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog
from migrations.pack.instance_size import connection, cores, instances, ram_mb, storage_mb
from migrations.pack.placeholders import Placeholder
from migrations.pack.settings import backup_location, name, pooler, replication, version, window
from migrations.pack.v2_credentials import database, username

KEPT_DAYS = 7
"""Keeps what v1 does without being asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCluster:
    """A cluster of v2, whole: where a value is blank, a sample of the right form stands in its place. MB.

    `basis` is the cluster that it was made from: v2's own where v2 shows it under the same id, else v1's.
    `cluster_id` is its id in v2. `pooler` is disabled, transaction or session. `sample_password` is what
    stands in the place of the password, which nobody can read; it is in no file of the pack.
    """

    basis: Cluster
    cluster_id: str
    region: str
    name: str
    description: str | None
    postgres_version: str
    instances: int
    cores: int
    ram_mb: int
    storage_mb: int
    connection: Connection
    maintenance: MaintenanceWindow
    replication: str
    pooler: str
    backup_location: str
    backup_retention_days: int
    logs_enabled: bool
    metrics_enabled: bool
    username: str
    database: str
    sample_password: str
    blanks: tuple[Placeholder, ...]
    fitted: tuple[Adjustment, ...]

    def blank(self, path: tuple[str, ...]) -> Placeholder | None:
        """The blank at this place of v2's properties."""
        return next((each for each in self.blanks if each.path == path), None)

    @property
    def is_of_v2(self) -> bool:
        """Whether it says what v2 shows, not what v1 would become."""
        return self.basis.api is Api.V2


def wish(facts: ClusterFacts) -> TargetCluster:
    """What to ask v2 for, with every blank and everything that was fitted."""
    ledger = AdjustmentLog()
    basis, cluster_id = _basis(facts, ledger)
    called = name(basis, ledger)
    return TargetCluster(
        basis=basis,
        cluster_id=cluster_id,
        region=_region(basis, ledger),
        name=called.name,
        description=called.description,
        postgres_version=version(basis, ledger),
        instances=instances(basis, ledger),
        cores=cores(basis, ledger),
        ram_mb=ram_mb(basis, ledger),
        storage_mb=storage_mb(basis, ledger),
        connection=connection(basis, ledger),
        maintenance=window(basis, ledger),
        replication=replication(basis, ledger),
        pooler=pooler(basis, ledger),
        backup_location=backup_location(facts, basis, ledger),
        backup_retention_days=basis.backup_retention_days or KEPT_DAYS,
        logs_enabled=bool(basis.logs_enabled),
        metrics_enabled=bool(basis.metrics_enabled),
        username=username(facts, ledger),
        database=database(facts, ledger),
        sample_password=ledger.text(placeholders.PASSWORD),
        blanks=ledger.blanks,
        fitted=ledger.fitted,
    )


def _basis(facts: ClusterFacts, ledger: AdjustmentLog) -> tuple[Cluster, str]:
    cluster, twin = facts.cluster, facts.v2_cluster
    if not isinstance(twin, Cluster):
        return cluster, cluster.id
    if twin.id.casefold() == cluster.id.casefold():
        return twin, twin.id
    ledger.text(placeholders.CLUSTER_ID)
    return cluster, cluster.id


_HOST_REGION = re.compile(r"([a-z]{2}/[a-z]{3})(?:/.*)?", re.DOTALL)


def _region(basis: Cluster, ledger: AdjustmentLog) -> str:
    form = _HOST_REGION.fullmatch(basis.region.casefold())
    if form and form[1] in V2_REGIONS:
        return form[1]
    return ledger.text(placeholders.REGION)
