"""Every list and overview: a title with the result, a next step where there is nothing, and columns that fit.

A new command of this kind must have its lines here.
"""

import re
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from change_requests import BOB, STAGING, ask
from every_command import COMMANDS, REPORTS, every_command_site

from bot.domain.command_info import CommandEffect
from bot.domain.reply import Note, Table, Text
from bot.domain.reply_text import render_plain
from bot.domain.table_columns import screen_table

pytestmark = pytest.mark.anyio

CHANNEL = "C0OPS"

MOST_SHOWN = 6
"""Columns that a screen shows at most, without warnings."""

LISTS = {
    "audit list": ("audit list", r"\d+ audit entries: \d+ ok"),
    "audit search": ("audit search restore", r"\d+ audit entries: \d+ ok"),
    "audit witness": ("audit witness", r"\d+ clusters compared: "),
    "backup list": ("backup list", r"(\d+ of|All) \d+ clusters? ha(s|ve) "),
    "change list": ("change list", r"1 open change: 1 pending approval"),
    "cluster list": ("cluster list", r"\d+ clusters: \d+ available, "),
    "database list": ("database list orders-prod", r"orders-prod has \d databases?"),
    "drill list": ("drill list", r"No drill cluster is left"),
    "migration history": ("migration history", r"\d+ pending on "),
    "migration impact": ("migration impact", r"\d+ uses? of |No uses of "),
    "migration rules": ("migration rules", r"\d+ readiness rules: \d+ "),
    "migration status": ("migration status", r"\d+ of \d+ v1 clusters (is|are) "),
    "migration watch": ("migration watch", r"No new clusters in v2; \d+ clusters known"),
    "report list": ("report list", r"1 report: 1 scheduled"),
    "status": ("status", r"\d of \d+ clusters are not available: "),
    "summary activity": ("summary activity", r"\d+ commands? by \d+ (people|person) in 7 days: "),
    "summary backups": ("summary backups", r"(\d+ of|All) \d+ clusters? ha(s|ve) "),
    "summary changes": ("summary changes", r"1 change in 7 days: 1 pending"),
    "summary fleet": ("summary fleet", r"\d of \d+ clusters are not available: "),
    "summary migration": ("summary migration", r"\d+ v1 clusters: \d+ pending"),
    "user list": ("user list orders-prod", r"orders-prod has \d users?"),
    "version list": ("version list", r"New clusters can run PostgreSQL [\d, ]+ and \d+"),
}
"""The line of each, and what its title says of the demo's fleet."""

NEVER_EMPTY = {"database list", "user list", "migration rules"}
"""Lists of what every cluster or release has."""

EMPTY = re.compile(
    r"(No|None|Nothing|You have no|There are no) |v1 (shows no|could not be read)|.* could not be read"
)

OF_THE_CLOUD = {
    *("audit witness", "backup list", "cluster list", "drill list", "migration status", "migration watch"),
    *("status", "summary backups", "summary fleet", "summary migration", "version list"),
}
"""Lists of what IONOS answers."""


def is_list(command):
    """Return whether a command lists or sums up something."""
    first, last = command.words[0], command.words[-1]
    names = {"list", "search", "status", "history", "watch", "witness", "impact", "rules"}
    return command.effect is CommandEffect.READ and (last in names or first == "summary")


def test_every_list_is_in_this_table():
    assert {each.name for each in COMMANDS if is_list(each)} == LISTS.keys()


@asynccontextmanager
async def patched_site(folder, **more):
    with pytest.MonkeyPatch.context() as patch:
        async with every_command_site(folder, patch, clusters=21, **more) as table:
            yield table


@pytest.fixture(scope="module")
async def full(tmp_path_factory, anyio_backend):
    async with patched_site(tmp_path_factory.mktemp("full")) as table:
        await ask(table.terminal, STAGING)
        asked = table.terminal.invocation("whoami", BOB, CHANNEL)
        await table.terminal.kernel.dispatcher.dispatch(replace(asked, trace="cafecafe"))
        await table.terminal.run("audit search restore", BOB, CHANNEL)
        yield table


@pytest.fixture(scope="module")
async def empty(tmp_path_factory, anyio_backend):
    """A site without clusters, changes and reports."""
    async with patched_site(tmp_path_factory.mktemp("empty"), changed=((REPORTS, "reports: []\n"),)) as table:
        for each in list(table.terminal.cloud.everything()):
            table.terminal.cloud.discard(each)
        yield table


@pytest.fixture(scope="module")
async def silent(tmp_path_factory, anyio_backend):
    """A site where one region of v2 refuses to be read."""
    async with patched_site(tmp_path_factory.mktemp("silent")) as table:
        table.order(kind="status", status=403, api="v2", region="de-fra", path="/**")
        yield table


@pytest.mark.parametrize(("name", "line", "title"), [(name, *each) for name, each in LISTS.items()])
async def test_the_title_says_the_result(full, name, line, title):
    del name
    await full.terminal.run("migration status", BOB, CHANNEL)
    reply = await full.terminal.run(line, BOB, CHANNEL)

    assert reply.ok
    assert re.match(title, reply.title), reply.title
    assert len(reply.title) <= 150


@pytest.mark.parametrize("name", sorted(LISTS.keys() - NEVER_EMPTY))
async def test_without_anything_it_says_so_and_what_to_do(empty, name):
    line = {"version list": "version list --region de/nowhere", "audit list": "audit list --actor @nobody"}
    line |= {"audit search": "audit search quagga --since 400d --until 300d"}
    reply = await empty.terminal.run(line.get(name, LISTS[name][0]), BOB, CHANNEL)
    steps = [part.text for part in reply.parts if isinstance(part, Text | Note)]

    assert EMPTY.match(reply.title), reply.title
    assert steps, render_plain(reply)
    assert not any(part.rows for part in reply.parts if isinstance(part, Table))


@pytest.mark.parametrize("name", sorted(OF_THE_CLOUD))
async def test_what_could_not_be_read_is_said_beside_the_count(silent, name):
    reply = await silent.terminal.run(LISTS[name][0], BOB, CHANNEL)

    assert reply.title.endswith("1 endpoint could not be read"), reply.title


@pytest.mark.parametrize("name", sorted(LISTS))
async def test_its_tables_fit_a_phone_and_have_distinct_columns(full, name):
    reply = await full.terminal.run(LISTS[name][0], BOB, CHANNEL)
    for table in (part for part in reply.parts if isinstance(part, Table)):
        keys = [each.name for each in table.declared]
        shown = [each for each in screen_table(table).columns if isinstance(each, str) or not each.warns]

        assert len(keys) == len(set(keys))
        assert len(shown) <= MOST_SHOWN, (table.caption, screen_table(table).labels)
        assert not table.declared[0].is_wide
