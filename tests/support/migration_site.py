"""A terminal whose people may write, with settings added to the demo's, and access to the cloud's
clusters."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from one_contract import SETTINGS
from terminal_site import OPERATOR, terminal_site

from bot.demo.cloud.vendor_migration import move
from bot.domain.reply import Code, Fields, Table

DBA = replace(OPERATOR, person="U0BOB")
"""May do everything."""


@asynccontextmanager
async def migration_site(tmp_path, monkeypatch, more="", clusters=44, **changes):
    """Open the demo's settings with `more` at their end; `changes` replace words of them."""
    text = SETTINGS.read_text(encoding="utf-8") + more
    for old, new in changes.get("words", {}).items():
        assert old in text
        text = text.replace(old, new)
    settings = tmp_path / "app.yaml"
    settings.write_text(text, encoding="utf-8")
    async with terminal_site(tmp_path, monkeypatch, settings=settings, clusters=clusters) as terminal:
        yield terminal


def record(terminal, name):
    """Return the simulator's record of the cluster of that name."""
    return next(each for each in terminal.cloud.everything() if each.name == name)


def migrate(terminal, *names):
    """Migrate clusters as the vendor does: from now on v2 shows them and v1 does not."""
    for name in names:
        move(terminal.cloud, record(terminal, name))


def days(terminal, number):
    """Let this many days pass."""
    terminal.kernel.clock.advance(timedelta(days=number))


def rows(reply, name):
    """Return the rows of the table of that name as dictionaries; none without such a table."""
    found = [part for part in reply.parts if isinstance(part, Table) and part.name == name]
    return [dict(zip(table.labels, row, strict=True)) for table in found for row in table.rows]


def fields(reply):
    """Return all fields of the reply."""
    return {name: value for part in reply.parts if isinstance(part, Fields) for name, value in part.pairs}


def reported_clusters(reply):
    """Return the clusters in a reply of the watch, in its order, each with the lines on its differences."""
    found = []
    for line in (line for part in reply.parts if isinstance(part, Code) for line in part.text.splitlines()):
        if line.startswith("  "):
            found[-1][1].append(line.strip())
        else:
            found.append((line.rpartition(" (")[0], []))
    return found
