"""Responses of any form: read as far as possible, with their oddities named."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from api_fakes import V1_PLACE, V2_PLACE, v1_cluster, v2_cluster
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cluster import Api, Connection, MaintenanceWindow
from bot.domain.errors import OutcomeUnknown, UnreadableAnswer
from bot.ionos.http_errors import HttpAnswer, HttpCall
from bot.ionos.tolerant_models import as_utc, read_answer, read_page
from bot.ionos.v1 import responses as v1_responses
from bot.ionos.v2 import responses as v2_responses

GET = HttpCall(place=V1_PLACE, method="GET", path="/clusters")
GET_V2 = HttpCall(place=V2_PLACE, method="GET", path="/clusters")
POST = HttpCall(place=V1_PLACE, method="POST", path="/clusters")


def make_answer(value) -> HttpAnswer:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return HttpAnswer(200, httpx.Headers(), content)


def read_v1(raw):
    return v1_responses.to_cluster(read_answer(v1_responses.V1Cluster, make_answer(raw), GET), V1_PLACE)


def read_v2(raw):
    return v2_responses.to_cluster(read_answer(v2_responses.V2Cluster, make_answer(raw), GET), V2_PLACE)


def test_a_v1_cluster_in_the_words_of_the_domain():
    cluster = read_v1(v1_cluster(7))

    assert (cluster.id, cluster.api, cluster.contract) == (v1_cluster(7)["id"], Api.V1, "main")
    assert (cluster.name, cluster.state, cluster.region) == ("cluster 7", "AVAILABLE", "de/txl")
    assert (cluster.ram_mb, cluster.storage_mb, cluster.cores, cluster.instances) == (4096, 30480, 4, 2)
    assert cluster.connections == (
        Connection(datacenter_id="03a8fdf1", lan_id="2", address="192.168.1.100/24"),
    )
    assert cluster.maintenance == MaintenanceWindow(day="Monday", time="12:15:19")
    assert (cluster.pooler, cluster.replication, cluster.storage_type) == (
        "transaction",
        "ASYNCHRONOUS",
        "SSD Premium",
    )
    assert cluster.created_at == datetime(2023, 5, 30, 14, 35, 40, tzinfo=UTC)
    assert cluster.modified_at is None
    assert cluster.oddities == ()


def test_a_v2_cluster_in_the_words_of_the_domain_with_gb_as_mb():
    cluster = read_v2(v2_cluster(7))

    assert (cluster.api, cluster.region, cluster.name) == (Api.V2, "de/txl", "cluster-7")
    assert (cluster.ram_mb, cluster.storage_mb, cluster.cores, cluster.instances) == (4096, 20480, 2, 1)
    assert cluster.connections == (Connection(datacenter_id="d", lan_id="2", address="192.168.1.4/24"),)
    assert (cluster.backup_location, cluster.backup_retention_days) == ("eu-central-3", 7)
    assert (cluster.logs_enabled, cluster.metrics_enabled, cluster.pooler) == (False, True, "DISABLED")
    assert (cluster.status_message, cluster.description) == ("fine", "Orders")
    assert cluster.dns_name == "pg-x.postgresql.de-txl.ionos.com"
    assert cluster.oddities == ()


def test_both_forms_of_the_v2_backup_setting_are_read():
    raw = v2_cluster(backupLocation="eu-central-4")
    del raw["properties"]["backup"]

    cluster = read_v2(raw)

    assert (cluster.backup_location, cluster.backup_retention_days) == ("eu-central-4", None)
    assert cluster.oddities == ()


def test_neither_form_of_the_v2_backup_setting_is_odd():
    raw = v2_cluster()
    del raw["properties"]["backup"]

    assert read_v2(raw).oddities == ("properties.backup: missing",)


@pytest.mark.parametrize(
    ("pooler", "seen"),
    [
        (None, None),
        ({"enabled": False, "poolMode": "transaction"}, "disabled"),
        ({"enabled": True, "poolMode": "session"}, "session"),
        ({"enabled": True, "poolMode": ""}, ""),
        ({"enabled": True}, ""),
        ({}, None),
    ],
)
def test_the_v1_pooler_keeps_its_mode_even_an_empty_one(pooler, seen):
    assert read_v1(v1_cluster(connectionPooler=pooler)).pooler == seen


def test_an_unknown_value_is_kept_and_said():
    raw = v1_cluster(storageType="Tape")
    raw["metadata"]["state"] = "HIBERNATING"

    cluster = read_v1(raw)

    assert (cluster.state, cluster.storage_type) == ("HIBERNATING", "Tape")
    assert cluster.oddities == (
        "metadata.state: 'HIBERNATING' is not a documented value",
        "properties.storageType: 'Tape' is not a documented value",
    )


def test_what_an_older_cluster_lacks_is_not_odd():
    raw = v1_cluster()
    for name in ("dnsName", "connectionPooler", "backupLocation"):
        del raw["properties"][name]

    assert read_v1(raw).oddities == ()


def test_a_missing_state_is_said_instead_of_guessed():
    raw = v1_cluster()
    del raw["metadata"]["state"]

    cluster = read_v1(raw)

    assert cluster.state == "NOT STATED"
    assert cluster.oddities == ("metadata.state: missing",)


def test_a_missing_location_is_taken_from_the_dns_name():
    assert read_v1(v1_cluster(location=None)).region == "de/txl"
    assert read_v1(v1_cluster(location=None, dnsName=None)).region == "not stated"


def test_an_unknown_field_is_named_and_its_value_not_shown():
    cluster = read_v2(v2_cluster(credentials={"username": "u", "password": "canary-88"}))

    assert cluster.oddities == ("properties.credentials.password: an unknown field",)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-12-10T13:37:50+01:00", datetime(2020, 12, 10, 12, 37, 50, tzinfo=UTC)),
        ("2020-12-10T13:37:50.000Z", datetime(2020, 12, 10, 13, 37, 50, tzinfo=UTC)),
        ("2020-12-10T13:37:50Z", datetime(2020, 12, 10, 13, 37, 50, tzinfo=UTC)),
        ("2020-12-10T13:37:50", datetime(2020, 12, 10, 13, 37, 50, tzinfo=UTC)),
        ("2020-12-10T13:37:50.123456789Z", datetime(2020, 12, 10, 13, 37, 50, 123456, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("5", None),
    ],
)
def test_every_form_of_time_becomes_utc(text, moment):
    raw = v1_cluster()
    raw["metadata"]["createdDate"] = text

    assert read_v1(raw).created_at == moment


def test_a_time_that_is_none_is_odd():
    raw = v1_cluster()
    raw["metadata"]["lastModifiedDate"] = "yesterday"

    cluster = read_v1(raw)

    assert cluster.modified_at is None
    assert cluster.oddities == ("metadata.lastModifiedDate: 'yesterday' is not a time",)


def test_as_utc_of_nothing_is_nothing():
    assert as_utc(None) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"items": [', b"null", b"[]", b"5", b'"x"', b"\xff\xfe", b"[" * 5000, b"<html></html>"],
)
def test_what_is_no_json_object_is_unreadable_and_for_a_write_of_unknown_outcome(content):
    with pytest.raises(UnreadableAnswer):
        read_answer(v1_responses.V1Cluster, make_answer(content), GET)
    with pytest.raises(UnreadableAnswer):
        read_page(v1_responses.V1Cluster, make_answer(content), GET)
    with pytest.raises(OutcomeUnknown):
        read_answer(v1_responses.V1Cluster, make_answer(content), POST)


@pytest.mark.parametrize("content", [{}, {"httpStatus": 200, "messages": []}, {"items": None}, {"items": {}}])
def test_what_is_no_list_is_not_an_empty_list(content):
    with pytest.raises(UnreadableAnswer, match="not a list"):
        read_page(v1_responses.V1Cluster, make_answer(content), GET)


def test_a_v2_list_that_leaves_out_its_items_is_empty():
    entries = read_page(
        v2_responses.V2Cluster, make_answer({"id": "x", "type": "collection", "offset": 0}), GET_V2
    )

    assert (entries.count, entries.readings) == (0, ())


ENVELOPE = {"id": "x", "type": "collection", "href": "/x", "offset": 0, "limit": 1000, "_links": {}}


@pytest.mark.parametrize("call", [GET, GET_V2], ids=["v1", "v2"])
@pytest.mark.parametrize("items", [{}, {"a": v1_cluster(1)}, "none", 0, 5, False, True, 1.5, ""])
def test_items_that_are_no_list_are_not_an_empty_list(items, call):
    with pytest.raises(UnreadableAnswer, match="not a list"):
        read_page(v1_responses.V1Cluster, make_answer({**ENVELOPE, "items": items}), call)


@pytest.mark.parametrize("raw", [ENVELOPE, {**ENVELOPE, "items": None}])
def test_only_v2_may_leave_out_its_items(raw):
    assert read_page(v2_responses.V2Cluster, make_answer(raw), GET_V2).count == 0
    with pytest.raises(UnreadableAnswer, match="not a list"):
        read_page(v1_responses.V1Cluster, make_answer(raw), GET)


@pytest.mark.parametrize("raw", [v2_cluster(1), {"id": "x", "type": "collection"}, {"items": None}])
def test_what_does_not_say_that_it_is_a_page_is_no_empty_list_on_v2_either(raw):
    with pytest.raises(UnreadableAnswer, match="not a list"):
        read_page(v2_responses.V2Cluster, make_answer(raw), GET_V2)


@given(data=st.data())
@settings(max_examples=examples(60, 150), deadline=None)
@pytest.mark.parametrize("call", [GET, GET_V2], ids=["v1", "v2"])
def test_a_page_is_read_in_full_or_refused_whatever_its_envelope_holds(call, data):
    anything = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just({}) | st.just([])
    raw = {**ENVELOPE, "items": [v1_cluster(1), 5]}
    for key in data.draw(st.lists(st.sampled_from(sorted(raw)), max_size=4)):
        raw[key] = data.draw(anything)
    if data.draw(st.booleans()):
        del raw[data.draw(st.sampled_from(sorted(raw)))]

    try:
        entries = read_page(v1_responses.V1Cluster, make_answer(raw), call)
    except UnreadableAnswer:
        assert not isinstance(raw.get("items"), list)
        return
    assert entries.count == len(raw.get("items") or ())
    assert call is GET_V2 or isinstance(raw["items"], list)


def test_credentials_of_the_wrong_type_are_not_quoted():
    cluster = read_v2(v2_cluster(credentials="canary-88"))

    assert cluster.oddities == ("properties.credentials: 'str' is not an object",)


def test_one_bad_entry_does_not_spoil_the_page():
    entries = read_page(
        v1_responses.V1Cluster, make_answer({"items": [v1_cluster(1), 5, None, v1_cluster(2, ram="4")]}), GET
    )

    assert entries.count == 4
    assert [reading.value.properties.name for reading in entries.readings] == [
        "cluster 1",
        "cluster 2",
    ]
    assert [reading.odd for reading in entries.readings] == [
        (),
        ("properties.ram: '4' is not a whole number", "properties.ram: missing"),
    ]
