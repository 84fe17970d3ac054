"""The tables that `make docs` prints into hand-written pages, between their markers.

python tests/support/doc_tables.py [--check]
"""

import sys
from itertools import groupby
from pathlib import Path

from floor_table import floor_table

import handlers
from bot.commands.declaration import Registry
from bot.domain.psql import cluster_script, database_scripts, user_scripts

ROOT = Path(__file__).parents[2]

SQL_OPERATIONS = (
    *(user_scripts.CREATE, user_scripts.SET_PASSWORD, user_scripts.DELETE, user_scripts.DELETE_WITH_OBJECTS),
    *(database_scripts.CREATE, database_scripts.DELETE, cluster_script.FILL),
)


def command_table(registry: Registry) -> str:
    """Return the commands by their noun as a Markdown table, each linked to its reference."""
    rows = ["| `/pg …` | |", "| --- | --- |"]
    for noun, commands in groupby(registry, key=lambda each: each.group):
        links = [
            f"[{' '.join(each.words[1:]) or noun}](docs/commands.md#{'-'.join(each.words)})"
            for each in commands
        ]
        rows.append(f"| `{noun}` | {', '.join(links)} |")
    return "\n".join(rows)


def loss_table() -> str:
    """Return what each operation of an SQL script can lose and what stops it, as a Markdown table."""
    reasons = {each.title: dict.fromkeys(guard.reason for guard in each.guards) for each in SQL_OPERATIONS}
    shared = [
        reason
        for reason in reasons[SQL_OPERATIONS[0].title]
        if all(reason in each for each in reasons.values())
    ]
    rows = ["| SQL script | can lose | stops before any change if |", "| --- | --- | --- |"]
    rows.append(f"| each of them | | {'; '.join(shared)} |")
    for each in SQL_OPERATIONS:
        own = "; ".join(reason for reason in reasons[each.title] if reason not in shared)
        rows.append(f"| {each.title} | {each.loses} | {own} |")
    return "\n".join(rows)


PAGES = {
    "README.md": ("commands", lambda: command_table(Registry.discover(handlers))),
    "docs/architecture.md": ("floors", floor_table),
    "docs/changes.md": ("losses", loss_table),
}


def printed(path: str) -> str:
    """Return the page with today's table between its markers."""
    name, table = PAGES[path]
    before, marker, rest = (
        (ROOT / path).read_text(encoding="utf-8").partition(f"<!-- {name}: make docs -->\n")
    )
    after = rest.partition("<!-- end -->\n")[2]
    return f"{before}{marker}\n{table()}\n\n<!-- end -->\n{after}"


def main(arguments: list[str]) -> int:
    """Write the tables; with --check only say which pages are stale."""
    stale = [path for path in PAGES if printed(path) != (ROOT / path).read_text(encoding="utf-8")]
    for path in stale:
        if "--check" in arguments:
            sys.stdout.write(f"{path} is stale: run make docs.\n")
        else:
            (ROOT / path).write_text(printed(path), encoding="utf-8")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
