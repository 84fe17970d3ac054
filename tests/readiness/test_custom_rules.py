"""Rules of one's own: loaded by path, held to the same contract, and named by file when they break."""

import importlib
import sys
from dataclasses import replace

import pytest
from rule_kit import FACTS

from bot.domain.errors import ConfigError
from migrations.custom_rules import MOVED, load_custom_rules, load_rules, shipped_rules
from migrations.facts import NOT_FETCHED, FactNeed
from migrations.rule import Clear, Found, Inconclusive

RULE = """
from dataclasses import dataclass

from migrations.rule import QUIET, Basis, Found, Remedy, Rule, RuleEvidence, Severity


@dataclass(frozen=True)
class Limit:
    most: int = 1


rule = Rule(
    module=__name__,
    title="Too many instances",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="our own handbook",
    remedy=Remedy(text="Scale in."),
)


@rule.check
def check(facts):
    BODY
"""
FOUND = 'return Found((RuleEvidence(field="properties.instances", value=str(facts.cluster.instances)),))'

EARLIER_RULE = """
from bot.domain import Backup, Cluster, Database
from bot.errors import InputError
from migrations.facts import ClusterFacts, Missing, Need, known
from migrations.rule import QUIET, Basis, Evidence, Fires, Quiet, Remedy, Rule, Severity, Verdict, unstated

rule = Rule(
    module=__name__,
    title="Backups change their ids",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="our own handbook",
    remedy=Remedy(text="Note them."),
    needs=frozenset({Need.BACKUPS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    backups: tuple[Backup, ...] = known(facts.backups)
    if not backups:
        return QUIET
    return Fires((Evidence(field="id", value=f"{len(backups)} backups", call="v1 GET /backups"),))
"""
"""A customer's rule for 0.1.0 of November, before classes and modules got new names."""


@pytest.fixture
def folder(tmp_path):
    def make(**files):
        for stem, text in files.items():
            (tmp_path / f"{stem}.py").write_text(text)
        return tmp_path

    return make


def test_a_rule_is_its_files_beginning_and_judges(folder):
    ((path, rule),) = load_custom_rules(folder(pgx007_instances=RULE.replace("BODY", FOUND)))

    assert path.name == "pgx007_instances.py"
    assert rule.id == "PGX007"
    assert isinstance(rule.judge(FACTS), Found)
    assert not any(name.startswith("own_rules") for name in sys.modules)


def test_they_are_sorted_with_the_shipped_ones_by_id(folder):
    rules = load_rules(str(folder(pga001_instances=RULE.replace("BODY", FOUND))))

    assert rules[0].id == "PGA001"
    assert rules[1:] == shipped_rules()
    assert load_rules(None) == shipped_rules()


def test_other_files_are_left_alone(folder):
    made = folder(_shared="raise RuntimeError")
    (made / "README.md").write_text("about these rules")

    assert load_custom_rules(made) == ()


def test_a_rule_written_for_an_earlier_version_keeps_working(folder):
    ((_, rule),) = load_custom_rules(folder(pgx053_backups=EARLIER_RULE))

    assert rule.needs == frozenset({FactNeed.BACKUPS})
    assert isinstance(rule.judge(replace(FACTS, backups=())), Clear)
    assert isinstance(rule.judge(FACTS), Found)
    assert isinstance(rule.judge(replace(FACTS, backups=NOT_FETCHED)), Inconclusive)


@pytest.mark.parametrize("moved", sorted(MOVED))
def test_every_name_that_moved_is_where_the_table_says(moved):
    module, _, name = MOVED[moved].rpartition(".")

    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "import migrations.rule as r; r.Fires",
            "AttributeError (migrations.rule.Fires is now migrations.rule.Found)",
        ),
        ("import bot.errors", "ModuleNotFoundError (bot.errors is now bot.domain.errors)"),
    ],
)
def test_what_moved_is_named_where_the_old_name_cannot_be_read_as_the_new(folder, line, expected):
    with pytest.raises(ConfigError) as caught:
        load_custom_rules(folder(pgx001_old=line))

    assert f"pgx001_old.py line 1: {expected}" in caught.value.sentence


def test_a_rule_that_breaks_cannot_tell_and_says_in_which_line(folder):
    ((_, rule),) = load_custom_rules(folder(pgx007_instances=RULE.replace("BODY", 'return facts.users["x"]')))

    verdict = rule.judge(FACTS)

    assert isinstance(verdict, Inconclusive)
    assert verdict.why.startswith("the rule failed with an error: pgx007_instances.py line 24: TypeError")


@pytest.mark.parametrize(
    ("stem", "text", "expected"),
    [
        ("pgx001_a", "def (", "pgx001_a.py line 1: invalid syntax"),
        ("pgx001_b", "import no_such_module_anywhere", "pgx001_b.py line 1: ModuleNotFoundError"),
        ("pgx001_c", "x = 1", "does not declare a rule"),
        ("pgx001_d", RULE.split("@rule.check", maxsplit=1)[0], "has no check"),
        ("team_names", RULE.replace("BODY", FOUND), "name a rule file after its id"),
        ("pgr020_mine", RULE.replace("BODY", FOUND), "rule PGR020 already exists"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(folder, stem, text, expected):
    made = folder(**{stem: text})

    with pytest.raises(ConfigError) as caught:
        load_rules(str(made))

    assert expected in caught.value.sentence
    assert str(made / stem) in caught.value.sentence


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"migration\.rules: can’t read the folder"):
        load_rules(str(tmp_path / "nowhere"))
