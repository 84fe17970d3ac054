"""PGR161: sequences are near their end."""

from precheck_kit import assert_asks, severity, values

from migrations.rule import Severity
from migrations.rules.pgr161_sequences_near_end import rule

FULL = {
    "schema": "public",
    "name": "orders_id_seq",
    "table": "orders",
    "column": "id",
    "last_value": 2000000000,
    "last_possible": 2147483647,
    "percent": 93.1,
}
FREE = FULL | {"table": None, "column": None, "percent": 89.9}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "sequences")


def test_from_90_percent_on_it_is_an_action():
    assert severity(rule, sequences=[FULL, FREE]) is Severity.ACTION
    assert severity(rule, sequences=[FREE]) is Severity.ADVICE
    assert severity(rule, sequences=[FREE | {"percent": 90}]) is Severity.ACTION


def test_the_column_is_named_where_there_is_one():
    end = "93.1 % used, at 2000000000 of 2147483647"
    assert values(rule, sequences=[FULL]) == [f"database “orders”: public.orders_id_seq for orders.id: {end}"]
    assert " for " not in values(rule, sequences=[FULL | {"column": None}])[0]
