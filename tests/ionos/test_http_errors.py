"""Every operation of both APIs against every fault: the documented error, in time, and no second write."""

import asyncio
from functools import partial
from pathlib import Path
from typing import get_args

import pytest
from api_site import PASSWORD, READS, WRITES, Operation, open_site
from yaml_files import read_yaml

from bot.demo.cloud.faults import FaultOrder, Kind
from bot.domain.cluster import Listing
from bot.domain.errors import (
    CloudError,
    CloudTrouble,
    Conflict,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TrialContract,
    Unauthorized,
    Unreachable,
    UnreadableAnswer,
)

pytestmark = pytest.mark.anyio

SPECS = Path(__file__).parent.parent / "specs"

FAULTS = {
    "401": {"kind": "status", "status": 401},
    "402": {"kind": "status", "status": 402},
    "403": {"kind": "status", "status": 403},
    "404": {"kind": "status", "status": 404},
    "405": {"kind": "status", "status": 405},
    "409": {"kind": "status", "status": 409},
    "415": {"kind": "status", "status": 415},
    "422": {"kind": "status", "status": 422},
    "429": {"kind": "status", "status": 429},
    "429 with Retry-After": {"kind": "status", "status": 429, "retry_after": 3},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "503": {"kind": "status", "status": 503},
    "504": {"kind": "status", "status": 504},
    "hang": {"kind": "hang"},
    "latency beyond patience": {"kind": "latency", "seconds": 60.0},
    "cut": {"kind": "cut"},
    "malformed": {"kind": "malformed"},
    "html": {"kind": "html"},
    "html 404": {"kind": "html", "status": 404},
    "crash": {"kind": "crash_after_accept"},
    "crash with 500": {"kind": "crash_after_accept", "status": 500},
    "bomb": {"kind": "bomb", "size_mb": 2},
}

REFUSALS: dict[str, type[CloudError]] = {
    "401": Unauthorized,
    "402": TrialContract,
    "403": Forbidden,
    "404": NotFound,
    "405": Rejected,
    "409": Conflict,
    "415": Rejected,
    "422": Rejected,
    "429": RateLimited,
    "429 with Retry-After": RateLimited,
}

READ_ERRORS: dict[str, type[CloudError]] = REFUSALS | {
    "500": CloudTrouble,
    "502": CloudTrouble,
    "503": CloudTrouble,
    "504": CloudTrouble,
    "hang": Unreachable,
    "latency beyond patience": Unreachable,
    "cut": Unreachable,
    "malformed": UnreadableAnswer,
    "html": UnreadableAnswer,
    "html 404": UnreadableAnswer,
    "crash": Unreachable,
    "crash with 500": CloudTrouble,
    "bomb": UnreadableAnswer,
}

HARMLESS = {
    "latency": {"kind": "latency", "seconds": 0.001},
    "accepted and ignored": {"kind": "accept_and_ignore"},
}
"""Faults that a call cannot tell from none: it ends as if all were well, as documented."""

WRITE_ERRORS: dict[str, type[CloudError]] = {name: REFUSALS.get(name, OutcomeUnknown) for name in FAULTS}

WITHOUT_ANSWER_BODY = {
    "v1 clustersDelete",
    "v1 clusterRestorePost",
    "v1 usersDelete",
    "v1 databasesDelete",
    "v2 clustersDelete",
}
"""Their status says it all: a body that cannot be read is no reason to doubt."""

LATE = ("hang", "latency beyond patience")
IMPATIENT = {"total": 30.0, "write": 0.03, "attempts": 3, "largest_answer": 1024 * 1024}


open_small_site = partial(open_site, clusters=8)


async def call_under_fault(
    call: Operation, fault: dict, method: str, **limits
) -> tuple[CloudError | None, int]:
    """Return the error that the call ended with, and the number of requests of the method that arrived."""
    site = open_small_site(**limits)
    site.cloud.faults.add(FaultOrder(method=method, **fault))
    error = None
    async with asyncio.timeout(60):
        try:
            await call(site)
        except CloudError as caught:
            error = caught
    return error, site.cloud.calls.count(method)


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_read_meets_a_fault(fault):
    tried_again = {"429", "429 with Retry-After", "502", "503", "504", "cut", "crash"}
    limits = {"total": 0.03} if fault in LATE else IMPATIENT
    for operation, call in READS.items():
        error, calls = await call_under_fault(call, FAULTS[fault], "GET", **limits)

        assert (operation, type(error)) == (operation, READ_ERRORS[fault])
        assert error.sentence.startswith(operation[:2])
        assert error.next_step
        assert (operation, calls) == (operation, 3 if fault in tried_again else 1)


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_write_meets_a_fault_once(fault):
    for operation, (method, call) in WRITES.items():
        error, calls = await call_under_fault(call, FAULTS[fault], method, **IMPATIENT)

        assert (operation, calls) == (operation, 1)
        if fault == "malformed" and operation in WITHOUT_ANSWER_BODY:
            assert error is None
            continue
        assert (operation, type(error)) == (operation, WRITE_ERRORS[fault])
        assert PASSWORD not in repr((error, error.fault))
        assert error.next_step


@pytest.mark.parametrize("fault", HARMLESS)
async def test_every_read_is_the_same_under_a_fault_that_cannot_be_told(fault):
    for operation, call in READS.items():
        expected = await call(open_small_site())
        site = open_small_site()
        site.cloud.faults.add(FaultOrder(method="GET", **HARMLESS[fault]))

        async with asyncio.timeout(60):
            read = await call(site)

        assert (operation, read) == (operation, expected)
        assert (operation, site.cloud.calls.count("GET")) == (operation, 1)


@pytest.mark.parametrize("fault", HARMLESS)
async def test_every_write_is_sent_once_under_a_fault_that_cannot_be_told(fault):
    """An accepted but ignored write shows only when it is read back, which is the business of changes."""
    untouched = list(open_small_site().cloud.everything())
    for operation, (method, call) in WRITES.items():
        expected = await call(open_small_site())
        site = open_small_site()
        site.cloud.faults.add(FaultOrder(method=method, **HARMLESS[fault]))

        async with asyncio.timeout(60):
            answered = await call(site)

        assert (operation, answered) == (operation, expected)
        assert (operation, [post["method"] for post in site.cloud.posts.rows()]) == (operation, [method])
        unchanged = list(site.cloud.everything()) == untouched
        assert (operation, unchanged) == (operation, fault == "accepted and ignored")


def test_the_matrix_has_every_fault_of_the_stand_in():
    """Faults of lists have tests of their own: an operation that lists nothing cannot meet them."""
    met = {order["kind"] for order in [*FAULTS.values(), *HARMLESS.values()]}
    of_lists = {"endless_pages", "other_region", "conflicting_entries"}
    assert met | of_lists == set(get_args(Kind))


@pytest.mark.parametrize("operation", READS)
async def test_a_read_gets_over_a_fault_that_passes(operation):
    site = open_small_site()
    site.cloud.faults.add(FaultOrder(kind="status", status=503, times=1))
    site.cloud.faults.add(FaultOrder(kind="cut", times=1))

    await READS[operation](site)

    assert site.cloud.calls.count("GET") == 3


@pytest.mark.parametrize("operation", READS)
async def test_a_list_that_never_ends_is_ended_and_said(operation):
    site = open_small_site()
    site.cloud.faults.add(FaultOrder(kind="endless_pages"))

    async with asyncio.timeout(60):
        read = await READS[operation](site)

    paged = {
        "clustersGet",
        "backupsGet",
        "usersList",
        "databasesList",
        "clusterBackupsGet",
        "clustersBackupsGet",
    }
    paged |= {"backuplocationsGet", "versionsGet"}
    if isinstance(read, Listing) and operation[3:] in paged:
        assert [gap.why for gap in read.gaps] != []
    else:
        assert not isinstance(read, Listing)


WITHOUT_USE = {
    *("clusterPostgresVersionsGet", "postgresVersionsGet", "infosVersionGet", "infosVersionsGet"),
    *("clustersBackupsFindById", "backupsFindById", "backuplocationsFindById", "versionsFindById"),
}
"""Operations that no command needs: others answer the same and more, or are about the API itself."""


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_the_matrix_has_every_operation_of_the_specification(api):
    spec = read_yaml(SPECS / f"ionos-{api}.openapi.yaml")
    documented = {
        operation["operationId"]
        for path in spec["paths"].values()
        for method, operation in path.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }

    tried = {name[3:].split(",")[0] for name in [*READS, *WRITES] if name.startswith(api)}

    assert tried == documented - WITHOUT_USE
    assert len(tried) == {"v1": 20, "v2": 8}[api]
