"""The second verdict: uses are shown by any source, and none is ruled out before all of them were read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from evidence_kit import write_scan
from rule_kit import FACTS, ID, NOW, facts

from bot.domain.cluster import ClusterDatabase, DbUser
from migrations.clients import ClientCheck, ClientEvidence, ClientState, CommandUse
from migrations.collect import CollectedFacts
from migrations.evidence_files import load_evidence
from migrations.facts import MissingFact
from migrations.formats.contents import build_contents
from migrations.readiness import assess_fleet
from migrations.v2_presence import PresenceState, V2Presence

OTHER = "0b2c7a3e-9f0e-4b57-8a64-6f5e0d1c2b3a"
THERE = V2Presence(PresenceState.PENDING, "not visible in v2")


def check(*sources, commands=None, at=NOW):
    files = load_evidence([str(each) for each in sources])
    return ClientCheck(ClientEvidence(files, {} if commands is None else commands), at)


@pytest.fixture
def clean(tmp_path):
    """Return a report of files that no longer use v1."""
    return write_scan(tmp_path / "clean.json", at=NOW - timedelta(days=1))


def test_a_scan_without_hits_and_a_quiet_audit_log_say_that_the_clients_are_off_v1(clean):
    found = check(clean)

    assert found.judge(FACTS).state is ClientState.OFF_V1
    assert found.lacks == ()
    assert found.basis == (
        "Client states come from 1 report of pgbot scan, with 3 files read (oldest: 2026-11-22), "
        "and the audit log."
    )


def test_silence_says_nothing():
    found = check()

    assert found.judge(FACTS).state is ClientState.NOT_KNOWN
    assert found.basis == ""
    assert [lack.sentence for lack in found.lacks] == [
        "no pgbot scan report is listed under migration.evidence in app.yaml."
    ]


def test_a_hit_is_a_use_of_the_cluster_that_it_names_in_any_case(tmp_path, clean):
    path = write_scan(tmp_path / "orders.json", ("deploy/main.tf", 3, ID.upper()), at=NOW)
    found = check(path, clean)

    assert found.judge(FACTS).state is ClientState.STILL_ON_V1
    assert found.judge(FACTS).lines == ("scan: deploy/main.tf:3, PGR122 (orders.json)",)
    assert found.judge(facts(id=OTHER)).state is ClientState.OFF_V1


def test_hits_of_other_fleets_or_hidden_clusters_are_as_if_they_were_not_there(tmp_path, clean):
    path = write_scan(tmp_path / "others.json", ("main.tf", 3, OTHER), at=NOW - timedelta(days=1))

    assert check(path, clean).judge(FACTS) == check(clean).judge(FACTS)
    assert check(path, clean).lacks == check(clean).lacks == ()


def test_a_hit_that_names_no_cluster_may_be_about_any(tmp_path):
    path = write_scan(tmp_path / "scan.json", ("main.tf", 3, None), ("main.tf", 3, None), at=NOW)
    found = check(path)

    assert found.judge(FACTS).state is ClientState.NOT_KNOWN
    assert [lack.sentence for lack in found.lacks] == [
        "1 use of v1 in the scanned files can’t be matched to a cluster: scan.json: main.tf:3."
    ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"gaps": ("big.tf", "b.tf")}, "1 report of pgbot scan could not read everything"),
        ({"files": 0}, "1 report of pgbot scan read no files"),
        ({"at": None}, "1 report of pgbot scan can’t be used as current evidence"),
        ({"at": NOW - timedelta(days=31)}, "1 report of pgbot scan can’t be used as current evidence"),
        ({"at": NOW + timedelta(days=2)}, "1 report of pgbot scan can’t be used as current evidence"),
    ],
)
def test_a_report_that_did_not_read_everything_rules_nothing_out(tmp_path, clean, options, why):
    path = write_scan(tmp_path / "scan.json", **{"at": NOW} | options)
    found = check(path, clean)

    assert found.judge(FACTS).state is ClientState.NOT_KNOWN
    assert [lack.why for lack in found.lacks] == [why]
    assert str(path) in found.lacks[0].places[0]


def test_an_outdated_hit_is_no_use_of_today(tmp_path):
    path = write_scan(tmp_path / "scan.json", ("main.tf", 3, ID), at=NOW - timedelta(days=31))

    assert check(path).judge(FACTS).state is ClientState.NOT_KNOWN


def test_files_that_cannot_be_used_rule_nothing_out(tmp_path, clean):
    found = check(clean, tmp_path / "nowhere.json")

    assert found.judge(FACTS).state is ClientState.NOT_KNOWN
    assert found.lacks[0].why == "1 file of evidence could not be used"


def test_commands_of_people_here_are_uses(clean):
    commands = {ID: (CommandUse("user list", 3, NOW - timedelta(days=2)),)}
    found = check(clean, commands=commands)

    assert found.judge(facts(id=ID.upper())).lines == (
        "audit log: “user list” here, 3 times, last on 2026-11-21",
    )
    assert found.judge(facts(id=OTHER)).state is ClientState.OFF_V1


def test_an_audit_log_that_nobody_looked_at_rules_nothing_out(clean):
    found = check(clean, commands=MissingFact("the audit log was not read"))

    assert found.judge(FACTS).state is ClientState.NOT_KNOWN
    assert found.lacks[0].sentence == "the audit log was not read."


@pytest.mark.parametrize("kind", ["users", "databases"])
@pytest.mark.parametrize(
    ("creator", "days", "state"),
    [
        ("ionos:iam:cloud::users/1", 10, ClientState.STILL_ON_V1),
        ("ionos:iam:cloud::users/1", 91, ClientState.OFF_V1),
        ("ionos:iam:cloud:_unmanaged_", 10, ClientState.OFF_V1),
        ("ionos:iam:cloud:_system_", 10, ClientState.OFF_V1),
        (None, 10, ClientState.OFF_V1),
    ],
)
def test_what_was_made_by_the_api_of_late_shows_a_use(clean, kind, creator, days, state):
    made = {"name": "app", "cluster_id": ID, "created_by": creator, "created_at": NOW - timedelta(days=days)}
    thing = DbUser(**made) if kind == "users" else ClusterDatabase(**made)

    assert check(clean).judge(facts(**{kind: (thing,)})).state is state


def test_what_came_with_the_cluster_shows_none(clean):
    began = NOW - timedelta(days=5)
    user = DbUser(name="app", cluster_id=ID, created_by="1", created_at=began + timedelta(minutes=3))

    assert check(clean).judge(facts(users=(user,), created_at=began)).state is ClientState.OFF_V1


@pytest.mark.parametrize("kind", ["users", "databases"])
def test_a_list_that_could_not_be_read_rules_nothing_out(clean, kind):
    verdict = check(clean).judge(facts(**{kind: MissingFact("v1 did not respond")}))

    assert verdict.state is ClientState.NOT_KNOWN
    assert verdict.lines == (f"v1's list of {kind} could not be read: v1 did not respond.",)


def test_a_cluster_with_thousands_of_hits_lists_some(tmp_path):
    path = write_scan(tmp_path / "scan.json", *(("main.tf", line, ID) for line in range(1, 3001)), at=NOW)
    verdict = check(path).judge(FACTS)

    assert len(verdict.uses) == 3000
    assert len(verdict.lines) == 21
    assert verdict.lines[-1] == "2,980 more uses, in the JSON report"


def test_the_report_counts_the_verdicts_and_says_once_what_is_lacking(tmp_path):
    path = write_scan(tmp_path / "scan.json", ("main.tf", 3, ID), ("x.sh", 1, None), at=NOW)
    other = replace(FACTS, cluster=replace(FACTS.cluster, id=OTHER, name="wiki"))
    collected = CollectedFacts(facts=((FACTS, THERE), (other, THERE)), gaps=())
    evidence = ClientEvidence(load_evidence([str(path)]), {})

    whole = build_contents(assess_fleet(collected, (), NOW, evidence=evidence))

    assert "Clients: 1 still on v1, 1 not known, 0 off v1." in whole.summary
    assert sum(line.startswith("Clients: 1 use of v1") for line in whole.summary) == 1
