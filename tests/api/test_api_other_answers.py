"""Answers other than clusters are read as tolerantly as those."""

import json

import httpx
import pytest
from api_fakes import V1_PLACE, V2_PLACE
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.api import v1_domain, v1_wire, v2_domain, v2_wire
from bot.api.faults import Answer, Call
from bot.api.wire import read_answer, read_array
from bot.errors import Unreadable

GET = Call(place=V1_PLACE, method="GET", path="/x")
CHANGES = {"createdDate": "2026-01-02T03:04:05Z", "createdBy": "u:_system_", "createdByUserId": "x"}

SAMPLES = {
    "v1 backup": (
        v1_wire.WireBackup,
        lambda reading: v1_domain.backup(reading, V1_PLACE),
        {
            "type": "backup",
            "id": "b-12",
            "metadata": {"createdDate": "2023-08-09T14:55:33.000Z", "state": "AVAILABLE"},
            "properties": {
                "id": None,
                "clusterId": "c",
                "version": "12",
                "isActive": True,
                "earliestRecoveryTargetTime": "2023-08-09T15:07:48.000Z",
                "size": 2052,
                "location": "de",
            },
        },
    ),
    "v1 user": (
        v1_wire.WireUser,
        lambda reading: v1_domain.user(reading, "c"),
        {"type": "user", "id": "x", "metadata": CHANGES, "properties": {"username": "bob", "system": False}},
    ),
    "v1 database": (
        v1_wire.WireDatabase,
        lambda reading: v1_domain.database(reading, "c"),
        {"type": "database", "id": "x", "metadata": CHANGES, "properties": {"name": "db", "owner": "bob"}},
    ),
    "v1 versions": (
        v1_wire.VersionNames,
        lambda reading: reading.value.names(),
        {"data": [{"name": "15"}, {"name": "16"}]},
    ),
    "v1 logs": (
        v1_wire.Logs,
        lambda reading: reading.value.domain(),
        {"instances": [{"name": "i", "messages": [{"time": "2026-01-02T03:04:05Z", "message": "LOG"}]}]},
    ),
    "v2 backup": (
        v2_wire.WireBackup,
        lambda reading: v2_domain.backup(reading, V2_PLACE),
        {
            "id": "b",
            "metadata": {"state": "AVAILABLE", "createdDate": "2026-01-02T03:04:05Z"},
            "properties": {
                "clusterId": "c",
                "postgresClusterVersion": "16",
                "isActive": True,
                "earliestRecoveryTargetTime": "2026-01-02T03:04:05Z",
                "latestRecoveryTargetTime": None,
                "location": "eu-central-3",
            },
        },
    ),
    "v2 location": (
        v2_wire.WireLocation,
        lambda reading: v2_domain.location(reading, V2_PLACE),
        {"id": "l", "metadata": {}, "properties": {"location": "eu-central-3"}},
    ),
    "v2 version": (
        v2_wire.WireVersion,
        lambda reading: v2_domain.version(reading, V2_PLACE),
        {
            "id": "v",
            "metadata": {"anything": 1},
            "properties": {"version": "16", "status": "NEW", "comment": "", "canUpgradeTo": ["17"]},
        },
    ),
}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def answer(raw) -> Answer:
    return Answer(200, httpx.Headers(), json.dumps(raw).encode())


def places(raw, here=()):
    """Every place in a body, with what holds it."""
    for key in list(raw) if isinstance(raw, dict) else range(len(raw)) if isinstance(raw, list) else ():
        yield raw, key
        yield from places(raw[key], (*here, key))


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_complete_answer_is_read_without_an_oddity(kind):
    model, to_domain, sample = SAMPLES[kind]
    reading = read_answer(model, answer(sample), GET)

    assert reading.odd == ()
    assert to_domain(reading)


@pytest.mark.parametrize("kind", SAMPLES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_field_dropped_replaced_or_added_ever_raises(kind, data):
    model, to_domain, sample = SAMPLES[kind]
    raw = json.loads(json.dumps(sample))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(raw))))
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = data.draw(ANYTHING)
        raw[data.draw(st.text(min_size=1, max_size=5))] = data.draw(ANYTHING)

    to_domain(read_answer(model, answer(raw), GET))


def test_names_that_cannot_be_read_are_left_out():
    reading = read_answer(
        v1_wire.VersionNames, answer({"data": [{"name": "15"}, {"name": 16}, None, {}]}), GET
    )

    assert reading.value.names() == ("15",)
    assert reading.odd


def test_the_list_of_api_versions_is_a_bare_list():
    readings = read_array(v1_wire.ApiVersion, answer([{"name": "v2.1", "swaggerUrl": "u"}, 5]), GET)

    assert [reading.value.name for reading in readings] == ["v2.1"]
    with pytest.raises(Unreadable):
        read_array(v1_wire.ApiVersion, answer({"name": "v2.1"}), GET)


def test_an_upgrade_list_with_holes_is_read():
    model, to_domain, sample = SAMPLES["v2 version"]
    raw = {**sample, "properties": {**sample["properties"], "canUpgradeTo": ["17", None, 18]}}

    assert to_domain(read_answer(model, answer(raw), GET)).can_upgrade_to == ("17",)
