"""Rules and pack agree on every cluster: no blank without a finding, and no finding without its trace."""

import json
import os
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from hcl_schema import find_hcl_errors
from pack_kit import assess, fill_samples, request_errors
from round_trip import FINDERS
from rule_kit import READY, facts
from seeded_clusters import seeded_facts

from bot.domain.cluster import Api
from bot.ionos.v2.requests import create_cluster
from migrations.pack.build import pack
from migrations.pack.target_cluster import TargetCluster, build_target
from migrations.readiness import Assessment
from migrations.rule import Severity

REQUESTED = {Severity.BLOCKER, Severity.ACTION}
KEPT_BY_V2 = {"PGR004", "PGR008", "PGR031"}
"""The state is in no body, the region is decided where its two sources disagree, and a version that v2 calls
deprecated is still on offer."""


@dataclass(frozen=True)
class Packed:
    """The assessment of a cluster, what its pack asks v2 for, and the pack's files by name."""

    assessment: Assessment
    target: TargetCluster
    files: dict[str, str]

    @classmethod
    def of(cls, given):
        """Pack a cluster."""
        assessment = assess(given)
        files = {each.name: each.text for each in pack(given, assessment, create_cluster)}
        return cls(assessment, build_target(given), files)

    @property
    def reasons(self):
        """Every reason for which a value is blank, made to fit, or kept unchecked."""
        target = self.target
        fitted = [reason for each in target.fitted for reason in each.reasons]
        return fitted + [each.reason for each in (*target.blanks, *target.unchecked)]

    @property
    def requested(self):
        """The rules of the findings that somebody has to act on."""
        return [each.rule.id for each in self.assessment.findings if each.severity in REQUESTED]


def reasons_without_finding(made):
    """Yield each reason that the report does not have, or has differently."""
    found = {each.rule.id for each in made.assessment.findings}
    open_ones = {each.rule.id for each in made.assessment.questions}
    for each in made.reasons:
        # The password is asked of a person, and no finding.
        known = open_ones if each.is_inconclusive or each.rule.id == "PGR107" else found
        if each.rule.id not in known:
            yield f"{each.rule.id}: the report does not say so"


def findings_without_trace(made):
    """Yield each finding or missing fact that a page keeps silent about, or that the body ignores."""
    readme, steps = made.files["README.md"], made.files["STEPS.md"]
    for each in made.requested:
        if f"**{each}** (" not in readme or f"**{each}** (" not in steps:
            yield f"{each}: not on both pages"
    for each in made.assessment.questions:
        if each.is_decisive and (f"- {each.rule.id}: " not in readme or f"- {each.rule.id}: " not in steps):
            yield f"{each.rule.id}: inconclusive, and not on both pages"
    for field, rules in FINDERS.items():
        fired = rules & {*made.requested} - KEPT_BY_V2
        if fired and not rules & {each.rule.id for each in made.reasons}:
            yield f"{field}: {sorted(fired)} left it as it is"


def contradictions(made):
    """Yield each sentence and blank that the rest of the pack contradicts."""
    readme, steps = made.files["README.md"], made.files["STEPS.md"]
    nothing = ("No blockers, and no required actions" in readme, "Nothing to do: the check" in steps)
    if nothing != (not made.requested,) * 2:
        yield "a page says the opposite of the findings"
    everything = "".join(made.files.values())
    for blank in made.target.blanks:
        if f"- `{blank.name}`: " not in readme or everything.count(blank.name) < 2:
            yield f"{blank.name}: not said, or used nowhere"
    json.loads(made.files["body.json"])


def is_of_v1(given):
    """Return whether the pack's values are v1's own, on which the rules of the report were judged."""
    return getattr(given.v2_cluster, "id", None) != given.cluster.id


def disagreements(made):
    return [*reasons_without_finding(made), *findings_without_trace(made), *contradictions(made)]


def test_rules_and_pack_agree_on_a_thousand_clusters():
    told, seen = {}, Counter()
    ones = [each for each in map(seeded_facts, range(1300)) if is_of_v1(each)][:1000]
    for number, each in enumerate(ones):
        made = Packed.of(each)
        seen.update(reason.rule.id for reason in made.reasons)
        if found := disagreements(made):
            told[number] = found

    assert (len(ones), told) == (1000, {})
    assert min(seen[each] for each in set().union(*FINDERS.values()) - KEPT_BY_V2) >= 3


@pytest.mark.parametrize("seed", range(12))
def test_every_file_of_a_seeded_cluster_keeps_to_its_format(seed):
    assert format_errors(seeded_facts(seed)) == []


def format_errors(given):
    """Return what the specification and the provider's schema do not allow in a pack."""
    made = Packed.of(given)
    body = fill_samples(made.files["body.json"], made.target)
    return request_errors(body) + find_hcl_errors(made.files["adopt_v2.tf"], made.files["provider_v2.tf"])


@pytest.mark.soak
def test_every_file_of_many_clusters_keeps_to_its_format():
    runs = int(os.environ.get("SOAK_RUNS", "100"))

    assert {seed: found for seed in range(runs) if (found := format_errors(seeded_facts(seed)))} == {}


def test_once_v2_shows_the_cluster_nothing_of_v1_is_left_blank_or_fitted():
    twins = [each for each in map(seeded_facts, range(60)) if not is_of_v1(each)]

    assert len(twins) > 5
    for each in twins:
        target = build_target(each)
        assert target.basis.api is Api.V2
        assert (target.fitted, target.unchecked) == ((), ())
        assert {blank.path.partition(".")[0] for blank in target.blanks} <= {"credentials"}
        assert target.new.postgres_version == READY.postgres_version


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"files": ("README.md", "**PGR020** (", "")}, "PGR020: not on both pages"),
        (
            {"files": ("STEPS.md", "## 1.", "Nothing to do: the check found no blockers")},
            "a page says the opposite",
        ),
        ({"files": ("README.md", "- `V2_PASSWORD`: ", "")}, "V2_PASSWORD: not said"),
        ({"target": {"blanks": ()}}, "replication: ['PGR020'] left it as it is"),
        ({"assessment": {"findings": ()}}, "PGR020: the report does not say so"),
    ],
)
def test_a_disagreement_is_seen(changes, words):
    made = Packed.of(facts(replication="SYNCHRONOUS"))
    assert disagreements(made) == []

    (part, change), *_ = changes.items()
    if part == "files":
        name, before, after = change
        broken = replace(made, files=made.files | {name: made.files[name].replace(before, after)})
    else:
        broken = replace(made, **{part: replace(getattr(made, part), **change)})

    assert [each for each in disagreements(broken) if words in each]
