"""PGR040: a name that v2 does not allow."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr040_name_breaks_v2_rule import rule


@pytest.mark.parametrize("name", ["ab", "A1", "orders-prod", "a._-9", "x" * 63])
def test_quiet_on_names_that_v2_allows(name):
    assert is_quiet(rule, facts(name=name))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "x" * 64,
        "orders prod",
        "orders (prod)",
        "-orders",
        "orders.",
        "_a",
        "größe",
        "orders\n",
        "<!channel>",
    ],
)
def test_fires_on_any_other_and_shows_it(name):
    verdict = fires(rule, facts(name=name))

    assert verdict.evidence[0].value.startswith(f'"{name}"')
    assert verdict.evidence[0].value.endswith(f"{len(name)} characters")


def test_says_that_the_effect_on_the_migration_is_not_known():
    assert (
        "unknown how IONOS's own migration handles such a name" in fires(rule, facts(name="orders prod")).why
    )


def test_inconclusive_when_v1_does_not_say():
    assert "properties.displayName" in inconclusive(rule, facts(name="")).why
