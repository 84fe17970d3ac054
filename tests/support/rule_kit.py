"""Facts of a cluster on which every rule is silent, and assertions on a rule's verdict."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from precheck_reports import precheck

from bot.domain.cluster import (
    Api,
    Backup,
    BackupLocation,
    Cluster,
    ClusterDatabase,
    Connection,
    DbUser,
    MaintenanceWindow,
    PostgresVersion,
)
from migrations.facts import ClusterFacts, MissingFact
from migrations.rule import Clear, Found, Inconclusive, NotApplicable, Rule, Severity

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"

READY = Cluster(
    id=ID,
    api=Api.V1,
    contract="shop",
    region="de/txl",
    name="orders-prod",
    state="AVAILABLE",
    postgres_version="16",
    instances=2,
    cores=4,
    ram_mb=8192,
    storage_mb=102400,
    storage_type="SSD Premium",
    connections=(
        Connection(
            datacenter_id="03a8fdf1-fbc4-43f6-91ce-0506444e17dd", lan_id="2", address="192.168.1.100/24"
        ),
    ),
    dns_name="pg-3euh45am6idkppu3.postgresql.de-txl.ionos.com",
    maintenance=MaintenanceWindow(day="Monday", time="12:15:19"),
    replication="ASYNCHRONOUS",
    pooler="disabled",
    backup_location="eu-central-3",
    created_at=NOW - timedelta(days=300),
)

FACTS = ClusterFacts(
    cluster=READY,
    read_at=NOW,
    owner="@alice",
    backups=(
        Backup(
            id="0b2c7a3e-9f0e-4b57-8a64-6f5e0d1c2b3a",
            api=Api.V1,
            contract="shop",
            cluster_id=ID,
            postgres_version="16",
            is_active=True,
            earliest_target=NOW - timedelta(days=7),
            location="eu-central-3",
            size_mb=2052,
            state="AVAILABLE",
            created_at=NOW - timedelta(days=300),
        ),
    ),
    users=(
        DbUser(name="orders", cluster_id=ID, is_system=False, created_by="ionos:iam:cloud::users/1"),
        DbUser(name="postgres", cluster_id=ID, is_system=True, created_by="ionos:iam:cloud:_system_"),
    ),
    databases=(
        ClusterDatabase(name="orders", cluster_id=ID, owner="orders", created_by="ionos:iam:cloud::users/1"),
    ),
    v2_versions=(
        PostgresVersion(
            api=Api.V2,
            contract="shop",
            region="de/txl",
            name="15",
            status="SUPPORTED",
            can_upgrade_to=("16", "17"),
        ),
        PostgresVersion(
            api=Api.V2,
            contract="shop",
            region="de/txl",
            name="16",
            status="SUPPORTED",
            can_upgrade_to=("17",),
        ),
        PostgresVersion(api=Api.V2, contract="shop", region="de/txl", name="17", status="RECOMMENDED"),
    ),
    v2_locations=(
        BackupLocation(
            id="7fa1dd11-59dd-53a5-ab67-50f649c8e3eb", contract="shop", region="de/txl", name="eu-central-3"
        ),
    ),
    v2_cluster=None,
    namesakes=(),
    precheck=precheck(),
)
"""Ready: only the rules fire that do on every cluster, and some have a question for people."""

_OF_CLUSTER = {each.name for each in fields(Cluster)}


def facts(**changes) -> ClusterFacts:
    """Return `FACTS` with other values; names of the cluster's fields change the cluster."""
    of_cluster = {name: value for name, value in changes.items() if name in _OF_CLUSTER}
    others = {name: value for name, value in changes.items() if name not in _OF_CLUSTER}
    return replace(FACTS, cluster=replace(READY, **of_cluster), **others)


def fires(rule: Rule, given: ClusterFacts, *, severity: Severity | None = None) -> Found:
    """Assert that the rule fires, with evidence, at its own severity unless another is given."""
    verdict = rule.judge(given)
    assert isinstance(verdict, Found), verdict
    assert verdict.evidence
    assert all(each.field and each.value and each.call for each in verdict.evidence)
    assert (verdict.severity or rule.severity) is (severity or rule.severity)
    return verdict


def is_quiet(rule: Rule, given: ClusterFacts) -> bool:
    """Return whether the rule was checked and says nothing."""
    return isinstance(rule.judge(given), Clear)


def does_not_apply(rule: Rule, given: ClusterFacts) -> bool:
    """Return whether the rule is about something that the cluster does not have."""
    return isinstance(rule.judge(given), NotApplicable)


def inconclusive(rule: Rule, given: ClusterFacts) -> Inconclusive:
    """Assert that the rule is inconclusive, and its reason."""
    verdict = rule.judge(given)
    assert isinstance(verdict, Inconclusive), verdict
    assert verdict.why
    return verdict


MISSING = MissingFact("v2 de/txl did not answer")
