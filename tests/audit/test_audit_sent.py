"""Audited requests and their answers: those of a command itself, and those of a change."""

import pytest
from audit_kit import make_entry

from bot.audit.log import AuditLog
from bot.audit.vendor_comparison import actions_in
from bot.domain.request import ApiRequest
from bot.runtime.database.database import SqliteDatabase

pytestmark = pytest.mark.anyio
ID = "00000001-0000-4000-8000-000000000001"


@pytest.fixture
async def log(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield AuditLog(database)
    await database.close()


def sending(number, method, trace):
    """Return the row from before a request leaves."""
    text = f"{method} /clusters/{ID} at v1 (contract shop)"
    return make_entry(number, kind="request", trace=trace, text=text, outcome="intended", requests=())


def answered(number, method, status, trace, kind):
    """Return the row of the request's answer."""
    url = f"https://api.example/clusters/{ID}"
    request = ApiRequest(method=method, url=url, status=status, milliseconds=41.2)
    return make_entry(number, kind=kind, trace=trace, outcome="rejected", requests=(request,))


def other(number, trace, kind):
    """Return a row of the same trace that has no request in it."""
    return make_entry(number, kind=kind, trace=trace, outcome="following", requests=())


@pytest.mark.parametrize("kind", ["outcome", "change"])
async def test_a_request_that_was_refused_did_nothing_whoever_sent_it(log, kind):
    await log.append(sending(1, "PATCH", "t1"))
    await log.append(other(2, "t1", kind))
    await log.append(answered(3, "PATCH", 422, "t1", kind))

    [row] = await log.sent_requests()

    assert [each.status for each in row.requests] == [422]
    assert actions_in([row]) == []


async def test_each_request_of_a_change_has_its_own_answer(log):
    await log.append(sending(1, "PATCH", "ch1"))
    await log.append(answered(2, "PATCH", 202, "ch1", "change"))
    await log.append(sending(3, "DELETE", "ch1"))
    await log.append(answered(4, "DELETE", 409, "ch1", "change"))
    await log.append(sending(5, "PATCH", "ch1"))

    rows = await log.sent_requests()

    assert [(row.text.split()[0], *(each.status for each in row.requests)) for row in rows] == [
        ("PATCH", 202),
        ("DELETE", 409),
        ("PATCH",),
    ]
