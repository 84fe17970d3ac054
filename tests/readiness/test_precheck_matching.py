"""Prechecks find their cluster by id, else by host name; what is old or about nothing known is said."""

from datetime import UTC, datetime

from precheck_reports import precheck
from rule_kit import NOW, READY

from migrations.evidence_files import EvidenceSource, PrecheckEvidence
from migrations.facts import ASK_FOR_PRECHECK, NO_PRECHECK, MissingFact
from migrations.precheck.database_documents import DatabaseDocument
from migrations.precheck.precheck_matching import NO_CLUSTER, NO_SUBJECT, MatchablePrechecks

FRESH = datetime(2026, 11, 20, 8, tzinfo=UTC)
OLD = datetime(2026, 10, 1, 8, tzinfo=UTC)


def evidence(at=FRESH, name="one.json", **changes):
    document = precheck(**changes.pop("parts", {})).model_dump(by_alias=True, mode="json")
    return PrecheckEvidence(EvidenceSource(name, at), document | {"read_at": at.isoformat()} | changes)


def read(*documents):
    return MatchablePrechecks.read(documents, NOW)


def test_an_id_wins_and_a_host_name_will_do():
    by_id = read(evidence(cluster=READY.id.upper(), host="tunnel.example.com"))
    by_host = read(evidence(host=f"other.example.com,{READY.dns_name.upper()}."))

    assert isinstance(by_id.find(READY), DatabaseDocument)
    assert isinstance(by_host.find(READY), DatabaseDocument)
    assert by_id.gaps == by_host.gaps == ()


def test_a_precheck_of_another_cluster_is_none_of_this_one():
    """The host name is that of the cluster, and yet the id says that it is another."""
    prechecks = read(evidence(cluster="0b2c7a3e-9f0e-4b57-8a64-6f5e0d1c2b3a", host=READY.dns_name))

    assert prechecks.find(READY) is NO_PRECHECK
    assert [(gap.where[-12:], gap.why) for gap in prechecks.find_strangers([READY])] == [
        ("6f5e0d1c2b3a", NO_CLUSTER)
    ]
    assert not list(read(evidence(cluster=READY.id)).find_strangers([READY]))


def test_an_old_one_is_not_used_and_is_named():
    found = read(evidence(OLD, "old.json", cluster=READY.id)).find(READY)

    assert isinstance(found, MissingFact)
    assert found.why.startswith("the precheck in old.json was not used: it is ")
    assert found.question == ASK_FOR_PRECHECK
    assert isinstance(
        read(evidence(OLD, cluster=READY.id), evidence(cluster=READY.id)).find(READY), DatabaseDocument
    )


def test_what_cannot_be_used_is_a_gap():
    broken = PrecheckEvidence(EvidenceSource("broken.json", FRESH), {"server": {}})
    prechecks = read(broken, evidence(name="nobody.json"))

    assert [gap.where for gap in prechecks.gaps] == ["broken.json", "nobody.json"]
    assert prechecks.gaps[1].why == NO_SUBJECT
    assert prechecks.current == ()
