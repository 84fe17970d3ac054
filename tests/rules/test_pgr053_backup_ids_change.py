"""PGR053: v1 backup ids that v2 does not take."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, ID, MISSING, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr053_backup_ids_change import rule

UUID_FORM = "0b9b1a2c-7f53-4d0e-9a3e-5f0c4d1e2b3a"


def named(*ids):
    return tuple(replace(FACTS.backups[0], id=each) for each in ids)


@pytest.mark.parametrize("ids", [(UUID_FORM,), (UUID_FORM, UUID_FORM.upper())])
def test_quiet_when_every_id_is_a_uuid(ids):
    assert is_quiet(rule, facts(backups=named(*ids)))


def test_does_not_apply_without_a_backup():
    assert does_not_apply(rule, facts(backups=()))


@pytest.mark.parametrize("other", [f"{ID}-4oymiqu-16", UUID_FORM.replace("-", ""), f"{{{UUID_FORM}}}", "7"])
def test_fires_on_any_other_and_shows_only_that(other):
    verdict = fires(rule, facts(backups=named(UUID_FORM, other)))

    assert [each.value for each in verdict.evidence] == [other]


def test_the_order_of_the_answer_does_not_change_the_words():
    assert fires(rule, facts(backups=named("a", "b"))) == fires(rule, facts(backups=named("b", "a")))


def test_inconclusive_without_the_backups():
    assert inconclusive(rule, facts(backups=MISSING)).why == MISSING.why
