"""Every command while the cloud refuses, fails or is silent: the answer names the next step and keeps its
words."""

import re

import pytest
from every_command import (
    COMMANDS,
    OF_OUR_OWN_LOG,
    every_command_site,
)
from every_command_answers import (
    assert_golden_text,
    complaints,
    group_lines,
)
from golden_files import FOLDER

from bot.domain.reply import GAP_WARNING, Note, Warn

pytestmark = pytest.mark.anyio

STATUSES = (400, 401, 402, 403, 404, 409, 422, 429, 500, 503)
EVERYTHING, ONE_CLUSTER = "/**", "/clusters/**"
"""The failing requests: every request, or only those about one cluster, so that it is found before."""

WORDS = "The service cannot answer this request"
"""The simulator's own message; its codes end with the status."""


CHECK = "Check the values; the API's own words are in the audit log"
WAIT = "Try again in a few minutes. If it lasts, check status.ionos.cloud"
TROUBLE = {
    400: ("rejects the request", CHECK),
    401: (
        "does not accept the credentials",
        "Check the contract's token or password in the settings: it may be missing, wrong or expired",
    ),
    402: ("does not allow this on a trial contract", "Use a full contract"),
    403: (
        "accepts the credentials, but they lack the permission for this",
        "Ask the contract's owner for the permission, or use another token",
    ),
    409: ("refuses this in the current state", "Wait until the cluster is AVAILABLE and try again"),
    422: ("rejects the request", CHECK),
    429: ("limits the rate of requests", "Try again in 30 seconds"),
    500: ("has a problem: it answered 500", WAIT),
    503: ("has a problem: it answered 503", WAIT),
    None: (
        "does not respond in time",
        "Try again. If it lasts, check the network, the address in the settings and status.ionos.cloud",
    ),
}
"""By status, what the reader is told and what to do; None is no answer."""

NOT_FOUND = ("has no such resource", "It may have been deleted, or belong to another contract")
"""The usual words for 404; the next step depends on the command."""

CLAIM = re.compile(r"There (is|are) no (backup|clusters?)\b|records agree|No differences")
"""Commands whose answer needs a response."""


@pytest.fixture
async def table(tmp_path, monkeypatch):
    async with every_command_site(tmp_path, monkeypatch, clusters=21) as table:
        yield table


@pytest.fixture(scope="module")
async def paths(tmp_path_factory, anyio_backend):
    """Return each command that asks the cloud, and the requests that shall fail: those about one cluster
    where it sends some. Looking for them by every status again would take half of the time."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        async with every_command_site(folder, patch, clusters=21) as table:
            found = [(command, await find_path(table, command)) for command in COMMANDS]
    return [(command, path) for command, path in found if path]


async def find_path(table, command):
    for path in (ONE_CLUSTER, EVERYTHING):
        line = await table.line(command)
        fault = table.order(kind="status", status=400, path=path)
        await table.say(command, line)
        table.cloud_is_well()
        if fault.met:
            return path
    return None


@pytest.mark.parametrize("status", STATUSES)
async def test_refused(table, paths, status):
    """By a cloud that lists its clusters and refuses the rest; where a command asks no more, all of it."""
    cells = [await answer_to_refusal(table, command, status, path) for command, path in paths]

    assert_golden_answers("404" if status == 404 else "answers", cells, status)
    assert find_wrong(cells, status) == []
    assert [cell.line for cell in cells if f'"status":{status}' not in cell.row["requests"]] == []
    assert [cell.line for cell in cells if not keeps_cloud_words(cell.row["requests"], status)] == []
    refusals = [cell for cell in cells if cell.row["outcome"] == "failed" and not named_other_places(cell)]
    assert len(refusals) > 5
    assert [cell.line for cell in refusals if not keeps_cloud_words(cell.row["detail"], status)] == []


async def test_nothing_answers(table, paths):
    cells = [await answer_to_refusal(table, command, 500, EVERYTHING) for command, _ in paths]

    assert_golden_answers("nothing_answers", cells, 500)
    assert find_wrong(cells, 500) == []
    assert [cell.line for cell in cells if CLAIM.search(cell.text)] == []


async def test_timeout(table, paths):
    cells = [await answer_to_timeout(table, command, path) for command, path in paths]

    assert_golden_answers("answers", cells, None)
    assert find_wrong(cells, None) == []
    assert [cell.line for cell in cells if '"status":null' not in cell.row["requests"]] == []


def assert_golden_answers(name, cells, status):
    """Assert that the answers match tests/golden/cloud/<name>.txt, with the words of this trouble filled
    in.

    The file leaves out the contents of answers.txt, and answers that show the rows left by the cells
    before.
    """
    text = group_lines(
        [cell for cell in cells if cell.command.name not in OF_OUR_OWN_LOG], golden=f"cloud/{name}"
    )
    trouble, what_to_do = TROUBLE.get(status, NOT_FOUND)
    text = re.sub(rf"{re.escape(trouble)}( \({status}\))?", "<trouble>", text)
    text = text.replace(what_to_do, "<what to do>")
    # The cells before have moved the clock, and left changes.
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>", text)
    if name != "answers":
        common = split_answers((FOLDER / "cloud" / "answers.txt").read_text(encoding="utf-8"))
        blocks = [
            block for block in text.removesuffix("\n").split("\n\n") if not split_answers(block) & common
        ]
        text = "\n\n".join(blocks) + "\n"
    assert_golden_text(f"cloud/{name}", text)


def split_answers(text):
    """Return the answers of a golden text, without the lines that they are given to."""
    return {
        "\n".join(line for line in block.split("\n") if line.startswith("    "))
        for block in text.removesuffix("\n").split("\n\n")
    }


async def answer_to_refusal(table, command, status, path):
    """Return the cell of the first request that meets the fault."""
    line = await table.line(command)
    after = 30 if status == 429 else None
    fault = table.order(kind="status", status=status, path=path, retry_after=after)
    cell = await table.say(command, line)
    table.cloud_is_well()
    assert fault.met, line
    return cell


async def answer_to_timeout(table, command, path):
    """Return the cell of the first request that the cloud leaves unanswered."""
    line = await table.line(command)
    table.seam.silent, table.seam.unanswered = re.compile(path.replace("**", ".*")), 0
    cell = await table.say(command, line)
    table.cloud_is_well()
    assert table.seam.unanswered, line
    return cell


def find_wrong(cells, status):
    """Return complaints, and troubles for which the answer names no next step."""
    words = TROUBLE.get(status, ("", ""))[1]
    silent = [
        f"{cell.line}: does not say “{words}” ({cell.reply.title})"
        for cell in cells
        if cell.command.name not in OF_OUR_OWN_LOG and not (is_trouble_told(cell) and words in cell.text)
    ]
    return [complaint for cell in cells for complaint in complaints(cell)] + silent


def is_trouble_told(cell):
    """Return whether the answer admits the trouble. By 404 the name of a new user is free."""
    return not cell.reply.ok or cell.command.name == "user create" or named_other_places(cell)


def named_other_places(cell):
    """Return whether it read several endpoints and shows the answers of the others."""
    parts = [part.text for part in cell.reply.parts if isinstance(part, Note | Warn)]
    return any("ould not be read" in each or GAP_WARNING in each for each in parts)


def keeps_cloud_words(kept, status):
    """Return whether this part of the audit row has the cloud's own message and code."""
    return WORDS in kept and re.search(rf"-{status}\b", kept) is not None
