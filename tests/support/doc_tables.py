"""The tables that `make docs` prints into hand-written pages, between their markers.

python tests/support/doc_tables.py [--check]
"""

import ast
import inspect
import sys
from dataclasses import fields
from itertools import groupby, pairwise
from pathlib import Path
from types import ModuleType

from floor_table import floor_table

import handlers
from bot.access.policy import NEED_BY_HARM
from bot.commands.declaration import Registry
from bot.demo.cloud.oddities import FLEETS, ODDITIES
from bot.domain import error_codes
from bot.domain.approval_requirement import EXTRA_LOSS, ApprovalCondition
from bot.domain.psql import scripts
from bot.domain.times import format_span
from bot.programs.document_program import list_results
from migrations.scan.scan_coverage import ReadingWay, covered_globs

ROOT = Path(__file__).parents[2]

SQL_OPERATIONS = (
    *(scripts.CREATE_USER, scripts.SET_PASSWORD, scripts.DELETE_USER, scripts.DELETE_USER_WITH_OBJECTS),
    *(scripts.CREATE_DATABASE, scripts.DELETE_DATABASE, scripts.FILL_CLUSTER),
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


STOPS_EACH = (
    "the requester lacks the permission, or what it needs is missing by now",
    "a change freeze is in force",
    "the cluster or its backup is not as it was when the change was planned",
    f"its decision is older than valid_for, or the data loss has grown by more than extra_loss "
    f"({format_span(EXTRA_LOSS)} by default): then it needs new decisions",
    "another change of the cluster is running, or its outcome is unknown",
    "somebody denies, withdraws or cancels it before it is sent",
    "the audit log does not prove it",
)
"""The general guards: `Policy.need`, `ChangeExecutor`, `approval_limit`, `Transition`, `require_proven`."""


def consequence_table(registry: Registry) -> str:
    """Return what the changes of each command can lose and what stops them, as a Markdown table."""
    rows = ["| command | can lose | undo | needs by default | what stops it |"]
    rows += ["| --- | --- | --- | --- | --- |", f"| each of them | | | | {'; '.join(STOPS_EACH)} |"]
    for each in registry:
        known = each.change and each.change.consequences
        if known:
            link = f"[{each.name}](commands.md#{'-'.join(each.words)})"
            need = ApprovalCondition(kind=NEED_BY_HARM[known.harm]).words()
            rows.append(f"| {link} | {known.loses} | {known.undo} | {need} | {'; '.join(known.stops)} |")
    return "\n".join(rows)


def coverage_table() -> str:
    """Return the file kinds of each ecosystem by the way in which they are read, as a Markdown table."""
    columns = ((ReadingWay.EXACT,), (ReadingWay.SIGNATURE,), (ReadingWay.PROSE, ReadingWay.NO_READER))
    rows = ["| ecosystem | parsed | matched by signature | not scanned |", "| --- | --- | --- | --- |"]
    for ecosystem, globs in covered_globs().items():
        cells = (", ".join(f"`{glob}`" for way in ways for glob in globs.get(way, ())) for ways in columns)
        rows.append(" ".join(f"| {ecosystem} | {' | '.join(cells)} |".split()))
    return "\n".join(rows)


def oddity_table() -> str:
    """Return the oddities of the simulator's fleets as a Markdown table."""
    rows = ["| oddity | fleets | what answers show | known from | clients that fail |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for oddity, facts in ODDITIES.items():
        fleets = ", ".join(f"`{name}`" for name, shown in FLEETS.items() if oddity in shown)
        failing = ", ".join(sorted(facts.breaks)) or "none"
        rows.append(f"| {oddity} | {fleets} | {facts.what} | {facts.source} | {failing} |")
    return "\n".join(rows)


def exit_code_table() -> str:
    """Return the exit codes of every program as a Markdown table."""
    meanings = member_docstrings(error_codes, "ExitCode")
    rows = [f"| {each.value} | {meanings[each.name]} |" for each in error_codes.ExitCode]
    return "\n".join(["| exit code | meaning |", "| --- | --- |", *rows])


def error_code_table() -> str:
    """Return the error codes as a Markdown table."""
    meanings = member_docstrings(error_codes, "ErrorCode")
    rows = [
        f"| `{each.value}` | {each.exit_code.value} | {meanings[each.name]} |"
        for each in error_codes.ErrorCode
    ]
    return "\n".join(["| code | exit code | meaning |", "| --- | --- | --- |", *rows])


def member_docstrings(module: ModuleType, name: str) -> dict[str, str]:
    """Return the docstring of each member of an enumeration, which Python itself does not keep."""
    tree = ast.parse(inspect.getsource(module))
    body = next(each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == name).body
    return {
        member.targets[0].id: " ".join(doc.value.value.split())
        for member, doc in pairwise(body)
        if isinstance(member, ast.Assign) and isinstance(doc, ast.Expr)
    }


def schema_table() -> str:
    """Return the schema of each command and the keys of its data, as a Markdown table."""
    rows = [
        f"| `{name}` | `{kind.schema_name()}` | {', '.join(f'`{each.name}`' for each in fields(kind))} |"
        for name, kind in list_results(Registry.discover(handlers)).items()
    ]
    return "\n".join(["| command | schema | keys of `data` |", "| --- | --- | --- |", *rows])


PAGES = {
    "README.md": {"commands": lambda: command_table(Registry.discover(handlers))},
    "docs/architecture.md": {"floors": floor_table},
    "docs/changes.md": {
        "consequences": lambda: consequence_table(Registry.discover(handlers)),
        "losses": loss_table,
    },
    "docs/programs.md": {
        "exit-codes": exit_code_table,
        "error-codes": error_code_table,
        "schemas": schema_table,
    },
    "docs/scan.md": {"coverage": coverage_table},
    "docs/simulators.md": {"oddities": oddity_table},
}


def printed(path: str) -> str:
    """Return the page with today's tables between their markers."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for name, table in PAGES[path].items():
        before, marker, rest = text.partition(f"<!-- {name}: make docs -->\n")
        after = rest.partition("<!-- end -->\n")[2]
        text = f"{before}{marker}\n{table()}\n\n<!-- end -->\n{after}"
    return text


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
