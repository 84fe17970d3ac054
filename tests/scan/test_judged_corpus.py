"""Precision and recall per ecosystem on repositories that were judged by hand, apart from the scanner.

`judged/<ecosystem>/<repository>/` is one repository as a team would have it, `<repository>.json` beside it is
the judgement. `hits` are lines that use v1 or need a change when v1 goes: declarations, addresses, commands,
imports, pins, calls for which a rule exists, sizes in MB, credentials and headers that v2 does not take.
`rules` are the rules any of which is right there, `also` other lines of the same statement, `cluster` the id
of a cluster in `clusters.json`, or null where none can be told; without it, attribution is not scored.
`certainty` says whether the language is one that the scan reads, or one where it knows signatures alone.
`unseen` are repositories of all kinds that were scanned only once the readers were written for the others.
`may` are lines where a hit is right and not demanded, such as references to what is declared elsewhere.

A judged line counts once. A hit that the judgement does not name is a false one.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from migrations.scan.scan import KnownCluster, scan_paths

JUDGED = Path(__file__).parent / "judged"
KNOWN = tuple(
    KnownCluster(**each) for each in json.loads((JUDGED / "clusters.json").read_text(encoding="utf-8"))
)
LEAST = 0.97
LEAST_ATTRIBUTED = 0.9
LEAST_CERTAIN = 0.9

# Ecosystems below LEAST: precision and recall as measured. One that is good enough must leave the table, and
# none may fall further. The table is empty when the scan does what docs/rules.md says.
BELOW: dict[str, tuple[float, float]] = {}


@dataclass
class Score:
    judged: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    attributed: Counter = field(default_factory=Counter)
    misattributed: list[str] = field(default_factory=list)
    certain: Counter = field(default_factory=Counter)
    uncertain: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong)) if self.right or self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.judged if self.judged else 1.0


def lines_of(judgement) -> set[tuple[str, int]]:
    return {(judgement["path"], line) for line in (judgement["line"], *judgement.get("also", ()))}


def score_repository(folder: Path, score: Score) -> None:
    judgement = json.loads(folder.with_suffix(".json").read_text(encoding="utf-8"))
    found = [
        (Path(hit.path).relative_to(folder).as_posix(), hit.line, hit.rule_id, hit)
        for hit in scan_paths([folder], known=KNOWN).hits
    ]
    explained = {
        (*at, rule)
        for each in judgement["hits"] + judgement["may"]
        for at in lines_of(each)
        for rule in each["rules"]
    }
    name = folder.relative_to(JUDGED).as_posix()
    score.wrong += sorted(
        {f"{name}/{p}:{n} {rule}" for p, n, rule, _ in found if (p, n, rule) not in explained}
    )
    for each in judgement["hits"]:
        score.judged += 1
        at = lines_of(each)
        hits = [hit for p, n, rule, hit in found if (p, n) in at and rule in each["rules"]]
        place = f"{name}/{each['path']}:{each['line']}"
        if not hits:
            score.missed.append(f"{place} {'/'.join(each['rules'])}")
            continue
        score.right += 1
        said = {str(hit.certainty) for hit in hits}
        score.certain[said == {each["certainty"]}] += 1
        if said != {each["certainty"]}:
            score.uncertain.append(f"{place} {each['certainty']}, not {said}")
        if "cluster" in each:
            clusters = {hit.cluster for hit in hits}
            score.attributed[clusters == {each["cluster"]}] += 1
            if clusters != {each["cluster"]}:
                score.misattributed.append(f"{place} {each['cluster']}, not {clusters}")


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    scored: dict[str, Score] = {}
    for judgement in sorted(JUDGED.glob("*/*.json")):
        score = scored.setdefault(judgement.parent.name, Score())
        score_repository(judgement.with_suffix(""), score)
    return scored


def table(scores: dict[str, Score]) -> str:
    rows = [f"{'ecosystem':18} {'judged':>6} {'right':>6} {'wrong':>6} {'precision':>9} {'recall':>6}"]
    rows += [
        f"{name:18} {each.judged:6} {each.right:6} {len(each.wrong):6}"
        f" {each.precision:9.3f} {each.recall:6.3f}"
        for name, each in scores.items()
    ]
    return "\n".join(rows)


def faults(scores: dict[str, Score]) -> str:
    return "\n".join(
        [f"wrong: {line}" for each in scores.values() for line in each.wrong]
        + [f"missed: {line}" for each in scores.values() for line in each.missed]
    )


def share_of_right(word: str, counted: Counter, wrong: list[str]) -> float:
    share = counted[True] / counted.total()
    sys.stdout.write(
        "\n".join([f"\n{word} rightly: {counted[True]} of {counted.total()} ({share:.3f})", *wrong, ""])
    )
    return share


def at_least(measured: tuple[float, float], wanted: tuple[float, float]) -> bool:
    return measured[0] >= wanted[0] and measured[1] >= wanted[1]


def test_every_ecosystem_is_found_exactly(scores):
    sys.stdout.write(f"\n{table(scores)}\n{faults(scores)}\n")
    measured = {name: (round(each.precision, 3), round(each.recall, 3)) for name, each in scores.items()}
    below = {name: both for name, both in measured.items() if min(both) < LEAST}
    fallen = {
        name: both for name, both in below.items() if not at_least(both, BELOW.get(name, (LEAST, LEAST)))
    }

    assert fallen == {}, f"\n{table(scores)}\n{faults(scores)}"
    assert BELOW.keys() - below.keys() == set(), "good enough by now: take them out of BELOW"


def test_nothing_is_found_where_nothing_is(scores):
    """Lookalikes alone, and repositories that have moved."""
    for name in {"decoys", "moved"} - BELOW.keys():
        assert scores[name].judged == 0
        assert scores[name].wrong == []


def test_hits_name_their_cluster(scores):
    wrong = [line for each in scores.values() for line in each.misattributed]
    share = share_of_right("attributed", sum((each.attributed for each in scores.values()), Counter()), wrong)

    assert share >= LEAST_ATTRIBUTED, wrong


def test_hits_say_how_certain_they_are(scores):
    wrong = [line for each in scores.values() for line in each.uncertain]
    share = share_of_right("certain", sum((each.certain for each in scores.values()), Counter()), wrong)

    assert share >= LEAST_CERTAIN, wrong


def test_the_judgements_stand_on_lines_that_exist():
    repositories = sorted(JUDGED.glob("*/*.json"))
    for repository in repositories:
        judgement = json.loads(repository.read_text(encoding="utf-8"))
        for each in judgement["hits"] + judgement["may"]:
            lines = (repository.with_suffix("") / each["path"]).read_text(encoding="utf-8").splitlines()
            assert all(lines[line - 1].strip() for _, line in lines_of(each))

    assert len(repositories) >= 60
    folders = sorted(path for path in JUDGED.glob("*/*") if path.is_dir())
    assert folders == [path.with_suffix("") for path in repositories]
