"""The recovery window of a cluster, and warnings about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cluster import Api, Backup, Cluster, Gap, Listing
from bot.domain.recovery_window import backup_window, find_flaws, recovery_window, recovery_windows

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ACTIVE = Backup(
    id="b1", api=Api.V1, contract="main", cluster_id="c1", is_active=True, earliest_target=NOW - 7 * DAY
)
OLD = replace(ACTIVE, id="b0", is_active=False)
LATER = replace(ACTIVE, id="b2", created_at=NOW - 2 * DAY, earliest_target=NOW - DAY)


def test_a_healthy_backup_reaches_from_its_beginning_to_now():
    found = recovery_window([ACTIVE], NOW, DAY)

    assert (found.active, found.earliest, found.newest, found.count) == (ACTIVE, NOW - 7 * DAY, NOW, 1)
    assert found.warning == ""


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        (ACTIVE, NOW),
        (replace(ACTIVE, latest_target=NOW - DAY), NOW - DAY),
        (replace(ACTIVE, earliest_target=None), None),
        (OLD, None),
        (replace(OLD, latest_target=NOW - DAY), NOW - DAY),
        (replace(ACTIVE, is_active=None), None),
    ],
)
def test_only_an_active_backup_without_an_end_goes_up_to_now(backup, expected):
    assert backup_window(backup, (), NOW).newest == expected


@pytest.mark.parametrize(
    ("backup", "others", "expected"),
    [
        (ACTIVE, [OLD], (NOW, True)),
        (replace(OLD, latest_target=NOW - DAY), [ACTIVE], (NOW - DAY, True)),
        (OLD, [], (None, False)),
        (OLD, [OLD, LATER], (NOW - 2 * DAY, False)),
        (OLD, [replace(LATER, created_at=None)], (NOW - DAY, False)),
        (OLD, [replace(LATER, earliest_target=None)], (NOW - 2 * DAY, False)),
        (OLD, [LATER, replace(LATER, created_at=NOW - 3 * DAY)], (NOW - 3 * DAY, False)),
        (OLD, [replace(LATER, cluster_id="c2")], (None, False)),
        (replace(OLD, cluster_id=None), [replace(LATER, cluster_id=None)], (None, False)),
        (LATER, [OLD], (NOW, True)),
        (replace(LATER, is_active=False), [OLD], (None, False)),
        (replace(OLD, is_active=None), [LATER], (NOW - 2 * DAY, False)),
    ],
)
def test_a_backup_whose_end_is_not_told_ended_no_later_than_the_next_one_began(backup, others, expected):
    window = backup_window(backup, others, NOW)

    assert (window.latest, window.is_told) == expected


@pytest.mark.parametrize(
    ("backups", "words"),
    [
        ([], "no backups"),
        ([OLD], "no backup is current"),
        ([OLD, replace(ACTIVE, is_active=None)], "does not say which"),
        ([ACTIVE, replace(ACTIVE, id="b2")], "2 backups are current at once"),
        ([replace(ACTIVE, earliest_target=None)], "can't be restored yet"),
        ([replace(ACTIVE, earliest_target=NOW + DAY)], "begins in the future"),
        ([replace(ACTIVE, latest_target=NOW + DAY)], "ends in the future"),
        ([replace(ACTIVE, latest_target=NOW - 8 * DAY)], "ends before it starts"),
        ([replace(ACTIVE, earliest_target=None, latest_target=NOW)], "an end but no beginning"),
        ([replace(ACTIVE, latest_target=NOW - 2 * DAY)], "latest restorable time is 2 days ago"),
    ],
)
def test_what_looks_wrong_is_a_warning(backups, words):
    assert words in recovery_window(backups, NOW, DAY).warning


def test_staleness_begins_after_the_given_time():
    behind = replace(ACTIVE, latest_target=NOW - DAY)

    assert recovery_window([behind], NOW, DAY).warning == ""
    assert recovery_window([behind], NOW, DAY - timedelta(seconds=1)).warning


def test_a_clock_that_is_a_little_ahead_is_nothing_wrong():
    assert find_flaws(replace(ACTIVE, latest_target=NOW + timedelta(minutes=4)), NOW) == ()


def test_an_older_backup_extends_the_range():
    older = replace(OLD, earliest_target=NOW - 10 * DAY, latest_target=NOW - 7 * DAY)

    found = recovery_window([older, ACTIVE], NOW, DAY)

    assert (found.earliest, found.newest, found.warning) == (NOW - 10 * DAY, NOW, "")


def test_no_backup_is_not_none_where_we_could_not_look_everywhere():
    cluster = Cluster(id="c1", api=Api.V1, contract="main", region="de/txl", name="one", state="AVAILABLE")
    other = replace(cluster, id="c2", name="two")
    backups = Listing((ACTIVE,), (Gap(where="v2 de/fra", why="does not answer"),))

    (_, seen), (_, unseen) = recovery_windows([cluster, other], backups, NOW, DAY)

    assert (seen.known, seen.warning) == (True, "")
    assert not unseen.known
    assert "not everything could be read" in unseen.warning
