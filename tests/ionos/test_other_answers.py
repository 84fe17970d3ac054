"""Answers other than clusters are read as tolerantly as those."""

import json

import httpx
import pytest
from api_fakes import V1_PLACE, V2_PLACE, FakeCloud, transport
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cluster import Listing
from bot.domain.cluster_spec import LogWindow
from bot.domain.errors import UnreadableAnswer
from bot.ionos.http_errors import HttpAnswer, HttpCall
from bot.ionos.tolerant_models import read_answer
from bot.ionos.v1 import responses as v1_responses
from bot.ionos.v1.client import V1Client
from bot.ionos.v1.responses import UNREADABLE
from bot.ionos.v2 import responses as v2_responses

pytestmark = pytest.mark.anyio

GET = HttpCall(place=V1_PLACE, method="GET", path="/x")
CHANGES = {"createdDate": "2026-01-02T03:04:05Z", "createdBy": "u:_system_", "createdByUserId": "x"}

SAMPLES = {
    "v1 backup": (
        v1_responses.V1Backup,
        lambda reading: v1_responses.to_backup(reading, V1_PLACE),
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
        v1_responses.WireUser,
        lambda reading: v1_responses.to_user(reading, "c"),
        {"type": "user", "id": "x", "metadata": CHANGES, "properties": {"username": "bob", "system": False}},
    ),
    "v1 database": (
        v1_responses.WireDatabase,
        lambda reading: v1_responses.to_database(reading, "c"),
        {"type": "database", "id": "x", "metadata": CHANGES, "properties": {"name": "db", "owner": "bob"}},
    ),
    "v1 versions": (
        v1_responses.VersionNames,
        lambda reading: v1_responses.to_versions(reading, V1_PLACE),
        {"data": [{"name": "15"}, {"name": "16"}]},
    ),
    "v1 logs": (
        v1_responses.Logs,
        lambda reading: v1_responses.to_log_lines(reading, V1_PLACE),
        {"instances": [{"name": "i", "messages": [{"time": "2026-01-02T03:04:05Z", "message": "LOG"}]}]},
    ),
    "v2 backup": (
        v2_responses.V2Backup,
        lambda reading: v2_responses.to_backup(reading, V2_PLACE),
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
        v2_responses.WireLocation,
        lambda reading: v2_responses.to_location(reading, V2_PLACE),
        {"id": "l", "metadata": {}, "properties": {"location": "eu-central-3"}},
    ),
    "v2 version": (
        v2_responses.WireVersion,
        lambda reading: v2_responses.to_version(reading, V2_PLACE),
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


def make_answer(raw) -> HttpAnswer:
    return HttpAnswer(200, httpx.Headers(), json.dumps(raw).encode())


def walk_paths(raw, here=()):
    """Yield every path in a body."""
    inner = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in inner:
        yield (*here, key)
        yield from walk_paths(value, (*here, key))


def walk_places(raw, here=()):
    """Yield every place in a body: its container and its key."""
    for key in list(raw) if isinstance(raw, dict) else range(len(raw)) if isinstance(raw, list) else ():
        yield raw, key
        yield from walk_places(raw[key], (*here, key))


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_complete_answer_is_read_without_an_oddity(kind):
    model, to_domain, sample = SAMPLES[kind]
    reading = read_answer(model, make_answer(sample), GET)

    assert reading.odd == ()
    assert to_domain(reading)


@pytest.mark.parametrize("kind", SAMPLES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_field_dropped_replaced_or_added_ever_raises(kind, data):
    model, to_domain, sample = SAMPLES[kind]
    raw = json.loads(json.dumps(sample))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(walk_places(raw))))
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = data.draw(ANYTHING)
        raw[data.draw(st.text(min_size=1, max_size=5))] = data.draw(ANYTHING)

    to_domain(read_answer(model, make_answer(raw), GET))


UNUSED = {"type", "createdByUserId", "comment"}
"""Fields outside the domain: leaving them out changes nothing visible."""

FREE_FORM = {("v2 location", "metadata"), ("v2 version", "metadata")}
"""Objects that may hold whatever the API likes (notes section 13.6), and nothing that we need."""

PLACES = [
    (kind, path)
    for kind, (_, _, sample) in SAMPLES.items()
    for path in walk_paths(sample)
    if not UNUSED & set(path)
]


def list_complaints(thing) -> tuple:
    """Return the oddities of a thing, or the gaps of its list."""
    return thing.gaps if isinstance(thing, Listing) else thing.oddities


def read_changed(kind, path, change):
    """Return the sample as read after a change at the last step of the path."""
    model, to_domain, sample = SAMPLES[kind]
    raw = json.loads(json.dumps(sample))
    holder = raw
    for step in path[:-1]:
        holder = holder[step]
    change(holder, path[-1])
    return to_domain(read_answer(model, make_answer(raw), GET))


def find_value(kind, path):
    """Return the sample's value at the path."""
    value = SAMPLES[kind][2]
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize(("kind", "path"), PLACES, ids=str)
def test_every_value_of_the_wrong_type_shows(kind, path):
    whole = read_changed(kind, path, lambda _holder, _key: None)

    wrong = read_changed(kind, path, lambda holder, key: holder.__setitem__(key, [{"new": 1}, 0.5]))

    free = (kind, path[0]) in FREE_FORM
    assert free or wrong is None or list_complaints(wrong) not in ((), list_complaints(whole))


@pytest.mark.parametrize(("kind", "path"), PLACES, ids=str)
def test_every_unknown_field_shows(kind, path):
    added = read_changed(kind, path, lambda holder, _key: isinstance(holder, list) or holder.update(new=1))

    free = (kind, path[0]) in FREE_FORM and len(path) > 1
    assert free or isinstance(path[-1], int) or list_complaints(added) != ()


@pytest.mark.parametrize("gone", ["dropped", "nulled"])
@pytest.mark.parametrize(("kind", "path"), PLACES, ids=str)
def test_every_field_that_is_gone_shows(kind, path, gone):
    whole = read_changed(kind, path, lambda _holder, _key: None)

    if gone == "nulled":
        seen = read_changed(kind, path, lambda holder, key: holder.__setitem__(key, None))
    else:
        seen = read_changed(kind, path, lambda holder, key: holder.pop(key))

    unused = (
        find_value(kind, path) is None
        or (kind, path[0]) in FREE_FORM
        or (path == ("id",) and not is_by_id(kind))
    )
    assert (seen == whole) == unused


def is_by_id(kind) -> bool:
    """Return whether the kind is known by id; users, databases and versions are known by their names."""
    return kind.split()[1] in {"backup", "location"} or kind == "v2 version"


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind, path in PLACES if isinstance(find_value(kind, path), str)],
    ids=str,
)
def test_every_unknown_word_shows(kind, path):
    whole = read_changed(kind, path, lambda _holder, _key: None)

    seen = read_changed(kind, path, lambda holder, key: holder.__setitem__(key, "zzz"))

    assert seen != whole or path == ("id",)


async def test_versions_that_cannot_be_read_are_said():
    raw = {"data": [{"name": "15"}, {"name": 16}, None, {}, 5]}
    cloud = FakeCloud(lambda _request: httpx.Response(200, json=raw))

    listing = await V1Client(transport(cloud), V1_PLACE).versions()

    assert [version.name for version in listing.items] == ["15"]
    assert len(listing.gaps) == 1
    assert "data.1.name: '16' is not text" in listing.gaps[0].why


@pytest.mark.parametrize("data", [None, {}, "15", 5])
async def test_versions_that_are_no_list_are_no_empty_list(data):
    cloud = FakeCloud(lambda _request: httpx.Response(200, json={"data": data}))

    with pytest.raises(UnreadableAnswer, match="no list of versions"):
        await V1Client(transport(cloud), V1_PLACE).versions()


async def test_log_lines_that_cannot_be_read_stand_in_their_place():
    line = {"time": "2026-01-02T03:04:05Z", "message": "LOG"}
    messages = [line, {"time": "2026-01-02T03:04:06Z", "message": 7}, None, line]
    raw = {"instances": [{"name": "i-1", "messages": messages}, 5, {"name": "i-2", "messages": {}}]}
    cloud = FakeCloud(lambda _request: httpx.Response(200, json=raw))

    listing = await V1Client(transport(cloud), V1_PLACE).logs("id", LogWindow())

    assert [line.text for line in listing.items] == ["LOG", UNREADABLE, UNREADABLE, "LOG"]
    assert listing.items[1].at is not None
    for odd in ("messages.1.message: '7'", "instances.1: '5'", "instances.2.messages: 'dict' is not a list"):
        assert odd in listing.gaps[0].why


async def test_logs_without_a_list_of_instances_are_no_empty_log():
    cloud = FakeCloud(lambda _request: httpx.Response(200, json={"instances": {}}))

    with pytest.raises(UnreadableAnswer, match="no list of instances"):
        await V1Client(transport(cloud), V1_PLACE).logs("id", LogWindow())


def test_a_long_list_of_oddities_is_cut_and_counted():
    reading = read_answer(
        v1_responses.VersionNames, make_answer({"data": [{"name": n} for n in range(8)]}), GET
    )

    assert "; and 11 more" in v1_responses.to_versions(reading, V1_PLACE).gaps[0].why


def test_an_upgrade_list_with_holes_is_read_and_its_holes_are_said():
    model, to_domain, sample = SAMPLES["v2 version"]
    for holes in (["17", None], ["17", 18]):
        raw = {**sample, "properties": {**sample["properties"], "canUpgradeTo": holes}}
        version = to_domain(read_answer(model, make_answer(raw), GET))

        assert version.can_upgrade_to == ("17",)
        assert version.oddities != ()
