"""PGR165: only a superuser can restore some objects."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr165_superuser_objects import rule


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "event_triggers", "security_labels")


def test_fires_on_event_triggers_and_on_labels():
    assert values(rule, event_triggers=[{"name": "watch", "event": "sql_drop"}]) == [
        "database “orders”: event trigger watch on sql_drop"
    ]
    assert values(rule, security_labels=[{"name": "selinux", "labels": 3}]) == [
        "database “orders”: 3 security labels of selinux"
    ]
