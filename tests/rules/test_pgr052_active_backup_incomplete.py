"""PGR052: no active backup, or one without a time to restore to."""

from dataclasses import replace

from rule_kit import FACTS, MISSING, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr052_active_backup_incomplete import rule

COMPLETE = FACTS.backups[0]
BEGUN = replace(COMPLETE, id="begun", earliest_target=None)
PAST = replace(COMPLETE, id="past", is_active=False)
UNSAID = replace(COMPLETE, id="unsaid", is_active=None)


def test_quiet_when_the_active_backup_can_be_restored():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(backups=(replace(PAST, earliest_target=None), UNSAID, COMPLETE)))


def test_fires_when_there_is_no_backup():
    assert fires(rule, facts(backups=())).evidence[0].value == "no backup of this cluster"


def test_fires_when_the_active_one_is_not_complete_though_an_older_one_is():
    seen = fires(rule, facts(backups=(PAST, BEGUN))).evidence[0]

    assert seen.field == "properties.earliestRecoveryTargetTime"
    assert "begun" in seen.value


def test_the_order_of_the_answer_does_not_change_the_words():
    backups = (replace(BEGUN, id="b"), replace(BEGUN, id="a"))

    assert fires(rule, facts(backups=backups)) == fires(rule, facts(backups=backups[::-1]))


def test_fires_when_none_is_active():
    seen = fires(rule, facts(backups=(PAST,))).evidence[0]

    assert (seen.field, seen.value) == ("properties.isActive", "true for no backup")


def test_inconclusive_without_the_backups_or_when_v1_does_not_say_which_is_active():
    assert inconclusive(rule, facts(backups=MISSING)).why == MISSING.why
    assert "isActive" in inconclusive(rule, facts(backups=(PAST, UNSAID))).why
