"""The twin check: equal twins are silent, and no field can change unseen."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from example_counts import examples
from hypothesis import given, settings
from random_clusters import equal_twins
from rule_kit import NOW, READY

from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow
from migrations.v1_v2_diff import (
    NOT_COMPARED,
    NOT_IN_V1,
    NOT_IN_V2,
    DifferenceMeaning,
    compare_clusters,
    list_one_sided,
)

V1 = replace(READY, instances=3, pooler="session", created_by="alice", modified_at=NOW, modified_by="bob")
V2 = replace(V1, api=Api.V2, pooler="SESSION", storage_type=None, backup_retention_days=7)

CHANGED = {
    "id": "0b41a0de-0000-4000-8000-000000000001",
    "contract": "other",
    "region": "de/fra",
    "name": "orders-test",
    "state": "FAILED",
    "postgres_version": "17",
    "instances": 2,
    "cores": 5,
    "ram_mb": 9216,
    "storage_mb": 51200,
    "connections": (Connection(datacenter_id="x", lan_id="1", address="10.0.0.1/24"),),
    "dns_name": "pg-other.postgresql.de-txl.ionos.com",
    "maintenance": MaintenanceWindow(day="Tuesday", time="12:15:19"),
    "replication": "STRICTLY_SYNCHRONOUS",
    "pooler": "DISABLED",
    "backup_location": "eu-central-2",
    "backup_retention_days": 30,
    "created_at": NOW,
    "created_by": "carol",
    "modified_at": NOW + timedelta(hours=1),
    "modified_by": "carol",
}
"""Another value for every field that is compared. A new field of the domain fails here until it has one."""

CONNECTION, WINDOW = V1.connections[0], V1.maintenance


def test_every_field_of_the_domain_is_compared_or_said_not_to_be():
    left_out = set(NOT_IN_V1) | set(NOT_IN_V2) | set(NOT_COMPARED)

    assert set(CHANGED) | left_out == {each.name for each in fields(Cluster)}
    assert set(CHANGED) & left_out == set()


@settings(max_examples=examples(100, 500))
@given(equal_twins())
def test_equal_twins_raise_no_alarm(twins):
    assert compare_clusters(*twins) == ()


@pytest.mark.parametrize("name", CHANGED)
def test_a_single_changed_field_is_noticed_on_either_side(name):
    assert [each.field for each in compare_clusters(V1, replace(V2, **{name: CHANGED[name]}))] == [name]
    assert [each.field for each in compare_clusters(replace(V1, **{name: CHANGED[name]}), V2)] == [name]


@settings(max_examples=examples(30, 100))
@given(equal_twins())
def test_a_single_changed_field_is_noticed_on_any_twins(twins):
    v1, v2 = twins
    for name, value in CHANGED.items():
        found = [each.field for each in compare_clusters(v1, replace(v2, **{name: value}))]

        assert found == ([name] if getattr(v2, name) != value else [])


@pytest.mark.parametrize("name", sorted(set(CHANGED) - {"id", "region", "contract"}))
def test_a_field_that_v2_no_longer_states_is_lost(name):
    empty = () if name == "connections" else None
    (difference,) = compare_clusters(V1, replace(V2, **{name: empty}))

    assert (difference.field, difference.after) == (name, "not stated")
    if not name.startswith("modified"):
        assert difference.is_alarm


@pytest.mark.parametrize("part", ["datacenter_id", "lan_id", "address"])
def test_each_part_of_the_network_counts(part):
    other = replace(V2, connections=(replace(CONNECTION, **{part: "9"}),))

    assert [each.field for each in compare_clusters(V1, other)] == ["connections"]


@pytest.mark.parametrize(
    ("window", "same"),
    [
        (replace(WINDOW, day="monday"), True),
        (replace(WINDOW, time="12:15:19Z"), True),
        (replace(WINDOW, time="12:15"), False),
        (replace(WINDOW, time="12:15:18"), False),
        (replace(WINDOW, time="noon"), False),
        (replace(WINDOW, day="Sunday"), False),
    ],
)
def test_the_window_is_compared_as_a_time(window, same):
    assert (compare_clusters(V1, replace(V2, maintenance=window)) == ()) is same


@pytest.mark.parametrize(
    ("before", "after", "meaning"),
    [
        ({"storage_mb": 30480}, {"storage_mb": 30720}, DifferenceMeaning.EXPECTED),
        ({"storage_mb": 2048}, {"storage_mb": 10240}, DifferenceMeaning.EXPECTED),
        ({"storage_mb": 30480}, {"storage_mb": 29696}, DifferenceMeaning.LOST),
        ({"storage_mb": 30480}, {"storage_mb": 40960}, DifferenceMeaning.UNEXPECTED),
        ({"ram_mb": 2048}, {"ram_mb": 4096}, DifferenceMeaning.EXPECTED),
        ({"ram_mb": None}, {"ram_mb": 4096}, DifferenceMeaning.UNEXPECTED),
        ({"cores": 64}, {"cores": 62}, DifferenceMeaning.LOST),
        ({"instances": 2}, {"instances": 3}, DifferenceMeaning.UNEXPECTED),
        ({"replication": "SYNCHRONOUS"}, {"replication": "ASYNCHRONOUS"}, DifferenceMeaning.LOST),
        ({"name": "orders prod"}, {"name": "orders-prod"}, DifferenceMeaning.EXPECTED),
        ({"name": "orders prod"}, {"name": ""}, DifferenceMeaning.LOST),
        ({"name": "orders"}, {"name": "orders-prod"}, DifferenceMeaning.UNEXPECTED),
        ({"maintenance": None}, {"maintenance": WINDOW}, DifferenceMeaning.EXPECTED),
        ({"connections": ()}, {}, DifferenceMeaning.UNEXPECTED),
        ({}, {"modified_at": NOW + timedelta(days=1)}, DifferenceMeaning.EXPECTED),
        ({}, {"backup_retention_days": 3}, DifferenceMeaning.UNEXPECTED),
    ],
)
def test_what_a_difference_means(before, after, meaning):
    (difference,) = compare_clusters(replace(V1, **before), replace(V2, **after))

    assert difference.meaning is meaning
    assert difference.why
    assert difference.is_alarm is (meaning is not DifferenceMeaning.EXPECTED)


def test_amounts_and_networks_are_said_in_words():
    before = replace(V1, storage_mb=30480, connections=())
    storage, network = compare_clusters(before, replace(V2, storage_mb=30720))

    assert (storage.before, storage.after) == ("30480 MB", "30 GB")
    assert network.before == "not stated"
    assert network.after == "03a8fdf1-fbc4-43f6-91ce-0506444e17dd LAN 2 192.168.1.100/24"


def test_what_only_one_side_has_is_said_once_and_is_no_difference():
    v2 = replace(V2, description="Orders", logs_enabled=True)

    assert compare_clusters(V1, v2) == ()
    assert list_one_sided(V1, v2) == (
        NOT_IN_V2["storage_type"],
        NOT_IN_V1["description"],
        NOT_IN_V1["logs_enabled"],
    )
    assert list_one_sided(replace(V1, storage_type=None), V2) == ()


def test_a_one_sided_field_that_both_begin_to_show_is_compared():
    (difference,) = compare_clusters(V1, replace(V2, storage_type="HDD"))

    assert difference.field == "storage_type"
    assert list_one_sided(V1, replace(V2, storage_type="HDD")) == ()


@pytest.mark.parametrize(("left", "right"), [(V2, V1), (V1, V1), (V2, V2)])
def test_the_sides_cannot_be_mixed_up(left, right):
    with pytest.raises(ValueError, match="in this order"):
        compare_clusters(left, right)
