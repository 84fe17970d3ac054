"""No field of a cluster can be so odd that it raises or goes unsaid."""

import json

import httpx
import pytest
from api_fakes import V1_PLACE, V2_PLACE, v1_cluster, v2_cluster
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ionos.http_errors import HttpAnswer, HttpCall
from bot.ionos.tolerant_models import read_answer
from bot.ionos.v1 import responses as v1_responses
from bot.ionos.v2 import responses as v2_responses

GET = HttpCall(place=V1_PLACE, method="GET", path="/clusters")


def make_answer(value) -> HttpAnswer:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return HttpAnswer(200, httpx.Headers(), content)


def walk_paths(raw, here=()):
    """Yield every path in a body."""
    inner = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in inner:
        yield (*here, key)
        yield from walk_paths(value, (*here, key))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

KINDS = {
    "v1": (v1_cluster, v1_responses.V1Cluster, v1_responses.to_cluster, V1_PLACE),
    "v2": (v2_cluster, v2_responses.V2Cluster, v2_responses.to_cluster, V2_PLACE),
}


def parent_of(raw, path):
    for step in path[:-1]:
        raw = raw[step]
    return raw


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=examples(60, 200), deadline=None)
def test_no_field_dropped_replaced_or_added_ever_raises(kind, data):
    make, model, to_domain, place = KINDS[kind]
    raw = make()
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(sorted(walk_paths(raw), key=str)))
        parent = parent_of(raw, path)
        if isinstance(parent, dict) and data.draw(st.booleans()):
            del parent[path[-1]]
        else:
            parent[path[-1]] = data.draw(ANYTHING)
        raw[data.draw(st.text(max_size=5))] = data.draw(ANYTHING)

    cluster = to_domain(read_answer(model, make_answer(raw), GET), place)

    assert cluster is None or cluster.id == raw["id"]


UNUSED = {"type", "href", "createdByUserId", "lastModifiedByUserId", "resourceURN", "database"}
"""Fields outside the domain: leaving them out changes nothing visible."""

PLACES = [(kind, path) for kind in KINDS for path in walk_paths(KINDS[kind][0]())]


def read_with(kind, path, change):
    make, model, to_domain, place = KINDS[kind]
    raw = make()
    change(parent_of(raw, path), path[-1])
    return to_domain(read_answer(model, make_answer(raw), GET), place)


@pytest.mark.parametrize(("kind", "path"), PLACES, ids=str)
def test_every_field_of_the_wrong_type_or_unknown_beside_it_shows(kind, path):
    if path == ("id",):
        assert read_with(kind, path, lambda parent, key: parent.__setitem__(key, {})) is None
        return
    whole = read_with(kind, path, lambda _parent, _key: None)

    wrong = read_with(kind, path, lambda parent, key: parent.__setitem__(key, [{"new": 1}, 0.5]))
    added = read_with(kind, path, lambda parent, _key: isinstance(parent, list) or parent.update(new=1))

    assert len(wrong.oddities) > len(whole.oddities)
    assert isinstance(path[-1], int) or len(added.oddities) > len(whole.oddities)


@pytest.mark.parametrize("gone", ["dropped", "nulled"])
@pytest.mark.parametrize(("kind", "path"), PLACES, ids=str)
def test_every_field_that_is_gone_shows(kind, path, gone):
    whole = read_with(kind, path, lambda _parent, _key: None)

    if gone == "nulled":
        seen = read_with(kind, path, lambda parent, key: parent.__setitem__(key, None))
    else:
        seen = read_with(kind, path, lambda parent, key: parent.pop(key))

    was = parent_of(KINDS[kind][0](), path)[path[-1]]
    assert (seen == whole) == (was is None or bool(UNUSED & set(path)))
