"""The cluster that a pack asks v2 for: as it is, and made to fit where v2 does not allow that.

Source: v1-v2-mapping, section 3; the limits are those of ionos-v2.openapi.yaml.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bot.domain.cluster import Api, Cluster, host_region
from bot.domain.cluster_properties import SWITCHES
from bot.domain.cluster_spec import Credentials, NewCluster
from migrations.facts import ClusterFacts
from migrations.identity import V2_REGIONS
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog, UncheckedValue
from migrations.pack.instance_size import fit_connection, fit_cores, fit_instances, fit_ram_mb, fit_storage_mb
from migrations.pack.placeholders import Placeholder, Reason
from migrations.pack.settings import (
    fit_backup_location,
    fit_name,
    fit_pooler,
    fit_replication,
    fit_version,
    fit_window,
)
from migrations.pack.v2_credentials import leave_password, pick_database, pick_username
from migrations.rules import pgr002_no_v2_host as no_v2_host
from migrations.rules import pgr009_probable_successor as probable_successor

KEPT_DAYS = 7
"""The days for which v1 keeps backups without being asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCluster:
    """A cluster of v2, whole: where a value is blank, a sample of the right form stands in its place.

    `basis` is the cluster that it was made from: v2's own where v2 shows it under the same id, else v1's.
    `cluster_id` is its id in v2. Nobody can read the password of its `user`: the one here is a sample, and in
    no file of the pack.
    """

    basis: Cluster
    cluster_id: str
    new: NewCluster
    user: Credentials
    blanks: tuple[Placeholder, ...]
    fitted: tuple[Adjustment, ...]
    unchecked: tuple[UncheckedValue, ...]

    def blank(self, path: tuple[str, ...]) -> Placeholder | None:
        """Return the blank at this place of v2's properties."""
        return next((each for each in self.blanks if each.path == path), None)

    @property
    def is_of_v2(self) -> bool:
        """True where the values are those that v2 shows, not those that v1 would become."""
        return self.basis.api is Api.V2


def build_target(facts: ClusterFacts) -> TargetCluster:
    """Return what to ask v2 for, with every blank and everything that was fitted."""
    basis = facts.v2_cluster if isinstance(facts.v2_cluster, Cluster) else facts.cluster
    log = AdjustmentLog(facts, basis)
    cluster_id = _cluster_id(facts, log)
    region, called = _fit_region(facts, basis, log), fit_name(basis, log)
    switches: dict[str, Any] = {each.field: bool(getattr(basis, each.field)) for each in SWITCHES}
    new = NewCluster(
        api=Api.V2,
        contract=basis.contract,
        region=region,
        name=called.name,
        description=called.description,
        postgres_version=fit_version(basis, log),
        instances=fit_instances(basis, log),
        cores=fit_cores(basis, log),
        ram_mb=fit_ram_mb(basis, log),
        storage_mb=fit_storage_mb(basis, log),
        connection=fit_connection(basis, log),
        maintenance=fit_window(basis, log),
        replication=fit_replication(basis, log),
        pooler=fit_pooler(basis, log),
        backup_location=fit_backup_location(facts, basis, log),
        backup_retention_days=basis.backup_retention_days or KEPT_DAYS,
        **switches,
    )
    user = Credentials(
        username=pick_username(facts, log),
        database=pick_database(facts, log),
        password=SecretStr(leave_password(log)),
    )
    return TargetCluster(
        basis=basis,
        cluster_id=cluster_id,
        new=new,
        user=user,
        blanks=log.blanks,
        fitted=log.fitted,
        unchecked=log.unchecked,
    )


def _cluster_id(facts: ClusterFacts, log: AdjustmentLog) -> str:
    """Return the id in v2; blank where v2 shows a probable successor under another one."""
    if isinstance(facts.v2_cluster, Cluster):
        return facts.v2_cluster.id
    if facts.v2_successor is not None:
        rule = probable_successor.rule
        reason = log.first_reason(rule) or Reason(rule=rule, text=rule.title)
        log.text(placeholders.CLUSTER_ID, reason, (facts.v2_successor.id,))
    return facts.cluster.id


def _fit_region(facts: ClusterFacts, basis: Cluster, log: AdjustmentLog) -> str:
    """Return the region of v2's host; v2 was asked at it for its own clusters. Else leave it and the host
    blank."""
    region = host_region(basis.region) if basis.api is Api.V2 else facts.home.v2_region
    if region in V2_REGIONS:
        return str(region)
    reason = log.first_reason(no_v2_host.rule) or log.inconclusive(no_v2_host.rule, facts.home.why_unknown)
    log.text(placeholders.HOST, reason)
    return log.text(placeholders.REGION, reason)
