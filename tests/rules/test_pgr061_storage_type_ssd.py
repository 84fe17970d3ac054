"""PGR061: SSD is the old word for SSD Premium."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr061_storage_type_ssd import rule


@pytest.mark.parametrize("medium", ["SSD Premium", "SSD Standard", "HDD"])
def test_quiet_on_every_other_type(medium):
    assert is_quiet(rule, facts(storage_type=medium))
    assert is_quiet(rule, FACTS)


def test_fires_on_ssd():
    assert fires(rule, facts(storage_type="SSD")).evidence[0].value == "SSD"


def test_inconclusive_when_v1_does_not_say():
    assert "properties.storageType" in inconclusive(rule, facts(storage_type=None)).why
