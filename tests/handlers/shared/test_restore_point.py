"""Restore targets in place: archived by the API's word, or old enough and with the risk said."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given, reject
from hypothesis import strategies as st

from bot.domain.cluster import Api, Backup, Cluster, Listing
from bot.domain.errors import InputError
from handlers.shared.restore_point import (
    LAST_MINUTES,
    RestoreRequest,
    choose_point,
    describe_risk,
)

NOW = datetime(2026, 11, 23, 9, 0, 0, 123_456, tzinfo=UTC)
CLUSTER = Cluster(id="c1", api=Api.V2, contract="main", region="de/txl", name="orders", state="AVAILABLE")
AGES = st.timedeltas(timedelta(), timedelta(days=3))


def context():
    return SimpleNamespace(
        now=lambda: NOW,
        is_replan=False,
        invocation=SimpleNamespace(actor=SimpleNamespace(time_zone="UTC")),
        format_time=lambda at: f"{at:%Y-%m-%d %H:%M:%S} UTC",
    )


@st.composite
def backups(draw):
    """Return a backup that may have ended, and may not say whether it is active."""
    began = NOW - draw(st.timedeltas(timedelta(days=1), timedelta(days=7)))
    return Backup(
        id="b1",
        api=CLUSTER.api,
        contract="main",
        region="de/txl",
        cluster_id="c1",
        is_active=draw(st.sampled_from([True, False, None])),
        created_at=began,
        earliest_target=began,
        latest_target=draw(st.none() | AGES.map(lambda age: NOW - age)),
    )


@given(backups(), st.none() | AGES, st.booleans())
def test_in_place_no_target_is_promised_that_the_api_does_not_vouch_for(backup, age, by_time):
    to = "" if age is None else (NOW - age).isoformat()
    request = RestoreRequest(to=to, newest=age is None, backup="", into="", by_time=by_time)
    ctx = context()
    try:
        point = choose_point(request, CLUSTER, Listing((backup,)), ctx)
    except InputError:
        reject()
    told, risk = backup.latest_target, describe_risk(point, CLUSTER, ctx)

    if point.target is None:
        assert not by_time  # nothing is sent that could be missed
        return
    assert point.target.microsecond == 0
    assert backup.earliest_target <= point.target
    if told is not None and point.target <= told:
        assert not risk
        return
    assert age is not None
    assert point.target <= NOW - LAST_MINUTES
    assert any(f"{point.target:%H:%M:%S} UTC" in each for each in risk)
