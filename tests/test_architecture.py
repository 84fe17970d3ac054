"""The house: rooms on floors, imports downward only, names that stand once, libraries in their rooms."""

import ast
import re
import sys
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from floor_table import ROOMS

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path for package in ("bot", "handlers", "migrations") for path in (ROOT / package).rglob("*.py")
)

SAME_NAME = {
    "client": "v1 and v2 have the same layout",
    "ionosctl": "the scan reads what the pack writes",
    "record": "a change and a report, as stored",
    "records": "audit rows as read, clusters as the simulator stores them",
    "requests": "v1 and v2 have the same layout",
    "responses": "v1 and v2 have the same layout",
    "store": "SQL beside what it stores",
    "terraform": "the scan reads what the pack writes",
}
"""Names that modules of two folders may share, and why."""

LONG_FILES: dict[str, str] = {}
"""Files of more than 450 lines, and why they are one idea."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(path): path for path in SOURCES}


def room_of(module: str) -> str:
    first, _, rest = module.partition(".")
    return f"{first}.{rest.partition('.')[0]}" if first == "bot" and rest else first


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Return every module that a file imports, dotted, wherever the import stands; for types only as well."""
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            full = {f"{base}.{alias.name}" for alias in node.names}
            found |= (full & MODULES.keys()) or {base}
            found |= {base} if full - MODULES.keys() else set()
    return frozenset(found)


def strays(library: str, homes: tuple[str, ...]) -> list[str]:
    """Return the files outside these places that import a library."""
    return [
        name(path)
        for path in SOURCES
        if any(each == library or each.startswith(f"{library}.") for each in imports(path))
        and not name(path).startswith(homes)
    ]


def test_every_package_is_a_room_and_nothing_stays_flat():
    packages = {room_of(module) for module in MODULES} - {"bot"}

    assert packages == ROOMS.keys()
    assert [name(path) for path in (ROOT / "bot").glob("*.py")] == ["bot/__init__.py"]


def test_rooms_import_exactly_what_the_floor_table_says():
    """A new arrow needs a line in tests/support/floor_table.py, and an arrow that ended leaves it."""
    drawn = defaultdict(set)
    for module, path in MODULES.items():
        drawn[room_of(module)] |= {room_of(each) for each in imports(path) if each in MODULES}

    assert {room: sorted(drawn[room] - {room}) for room in ROOMS} == {
        room: sorted(ROOMS[room].imports) for room in ROOMS
    }


def test_every_arrow_points_to_a_lower_floor():
    level = [
        f"{room} → {below}"
        for room, declared in ROOMS.items()
        for below in declared.imports
        if ROOMS[below].floor <= declared.floor
    ]

    assert level == []


def test_no_circle_between_files():
    graph = {module: imports(path) & MODULES.keys() - {module} for module, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_a_class_name_stands_once():
    where = defaultdict(list)
    for path in SOURCES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef):
                where[node.name].append(name(path))

    assert {each: paths for each, paths in where.items() if len(paths) > 1} == {}


def test_a_module_name_stands_in_two_folders_only_for_a_reason():
    where = defaultdict(list)
    for path in SOURCES:
        if not path.name.startswith("__"):
            where[path.stem].append(name(path))

    assert {each for each, paths in where.items() if len(paths) > 1} == SAME_NAME.keys()


DIALECT = tuple(f"bot/runtime/database/{each}.py" for each in ("sqlite", "schema", "recent_steps", "upgrade"))
"""Modules that a second database replaces."""

STORES = (
    *DIALECT,
    *(f"bot/audit/{each}.py" for each in ("log", "query", "rotate", "verified_log", "verify")),
    "bot/changes/rows.py",
    *(f"bot/commands/{each}.py" for each in ("column_choices", "listing_cache")),
    *(f"bot/slack/{each}.py" for each in ("app_home", "delivery_log", "inbox")),
    *(name(path) for path in SOURCES if re.fullmatch(r"store|.*_store", path.stem)),
)
"""Modules that may hold SQL, beside what it stores."""

SCHEMA = "".join((ROOT / each).read_text(encoding="utf-8") for each in DIALECT[1:3])
TABLES = "|".join(re.findall(r"CREATE TABLE (\w+)", SCHEMA))

SEE_ALL = {
    "handlers/shared/audit_visibility.py": "hides the names of clusters that the requester may not see",
    "handlers/shared/drill_clusters.py": "shows the cluster of a drill whose target the requester may see",
    "handlers/shared/quota.py": "a contract's quota counts every cluster; only sums are shown",
}
"""Shared handler modules that read the whole fleet, with the reason."""

HANDLERS = [path for path in SOURCES if name(path).startswith("handlers/")]


def test_a_handler_lists_only_what_the_requester_may_see():
    """`ctx.clusters()` leaves out hidden clusters; the fleet itself does not."""
    everything = re.compile(r"fleet\.(clusters|all_backups|sightings|recent_clusters)\(")

    seeing = {name(path) for path in HANDLERS if everything.search(path.read_text(encoding="utf-8"))}

    assert seeing == SEE_ALL.keys()


def test_no_handler_imports_another():
    """Code shared by several handlers is in handlers/shared, which imports no handler either."""
    strays = {
        name(path): found
        for path in HANDLERS
        if (found := {each for each in imports(path) if re.match(r"handlers\.(?!shared\b)", each)})
    }

    assert strays == {}


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("slack_bolt", ("bot/slack/gateway.py", "bot/slack/receiver.py")),
        ("slack_sdk", ("bot/slack/",)),
        ("aiohttp", ("bot/slack/",)),
        ("sqlite_utils", DIALECT),
        ("sqlite3", DIALECT[:1]),
        ("httpx", ("bot/ionos/", "bot/demo/")),
        ("dbos", ("bot/runtime/workflows/dbos.py",)),
        ("uvicorn", ("bot/runtime/http_server.py", "bot/demo/loopback_server.py")),
        (
            "starlette",
            (
                "bot/runtime/http_server.py",
                "bot/slack/receiver.py",
                "bot/demo/",
                "bot/programs/serve.py",
            ),
        ),
    ],
)
def test_a_library_is_known_only_in_its_room(library, homes):
    assert strays(library, homes) == []


@pytest.mark.parametrize(
    ("pattern", "homes"),
    [
        (rf"\b(FROM|JOIN|INTO|UPDATE|TABLE|INDEX|ON)\s+\"?({TABLES})\b", STORES),
        (r"\b(PRAGMA|TRIGGER|MATCH|RAISE|OR REPLACE|BEGIN IMMEDIATE|WITHOUT ROWID|sqlite_master)\b", DIALECT),
        (r"\b(fts5|rowid|json_each|json_array_length|group_concat|instr)\b", DIALECT),
        (r"\b(execute_plugins|isolation_level|executemany)\b", DIALECT),
    ],
    ids=["statements", "keywords", "functions", "connections"],
)
def test_sql_is_in_the_stores_and_sqlite_s_own_in_its_dialect(pattern, homes):
    found = {name(path) for path in SOURCES if re.search(pattern, path.read_text(encoding="utf-8"))}

    assert found - set(homes) == set()


def test_whoever_opens_the_database_for_writing_holds_its_lock():
    texts = {name(path): path.read_text(encoding="utf-8") for path in SOURCES}
    writers = {
        each for each, text in texts.items() if re.search(r"(?<!def )\bopen_(for_writing|alone)\(", text)
    }

    # They open engine.db, which belongs to the process that holds the lock of pgbot.db.
    writers -= {"bot/audit/lineage_store.py", "bot/runtime/database/file_watch.py"}
    assert writers == {"bot/audit/rotate.py", "bot/runtime/database/database.py"}
    assert all("lock_database(" in texts[each] for each in writers)


def test_programs_are_started_in_one_place():
    starts = r"\b(create_subprocess|import subprocess|os\.(system|popen|fork|spawn|exec|posix_spawn))"
    found = {name(path) for path in SOURCES if re.search(starts, path.read_text(encoding="utf-8"))}

    # A pager has the terminal, and lives as long as its reader wants: nothing to wait for, or to kill.
    assert found == {"bot/settings/child_process.py", "bot/programs/terminal_screen.py"}


def test_the_evidence_checker_needs_nothing_but_python():
    """Auditors copy the folder, so it imports itself and the standard library alone."""
    own = "bot.audit.evidence"
    foreign = {
        each
        for module, path in MODULES.items()
        if module.startswith(own)
        for each in imports(path)
        if not each.startswith(own) and each.partition(".")[0] not in sys.stdlib_module_names
    }

    assert foreign == set()


def test_code_that_branches_on_the_api_generation_has_few_homes():
    branch = re.compile(r"(==|is|in|!=)\s+\(?Api\.V[12]|Api\.V[12]\s*(==|!=)")
    homes = ("bot/ionos/", "bot/demo/cloud/", "migrations/")
    branches = [name(path) for path in SOURCES if branch.search(path.read_text(encoding="utf-8"))]

    assert [each for each in branches if not each.startswith(homes)] == []


@pytest.mark.parametrize("room", ["access", "commands", "domain", "reports", "runtime", "settings"])
def test_what_is_below_the_handlers_names_no_command(room):
    """But for `help`, where an empty line and --help lead, and for Block Kit's own words."""
    commands = {path.stem.replace("_", " ") for path in (ROOT / "handlers").glob("*.py")}
    named = {
        f"{name(path)}: {command}"
        for path in (ROOT / "bot" / room).rglob("*.py")
        if path.parent.name != "block_kit"
        for command in commands - {"help"}
        if path.parent.name != "block_kit" and f'"{command}"' in path.read_text(encoding="utf-8")
    }

    assert named == set()


def test_a_file_is_one_idea():
    long = {name(path) for path in SOURCES if path.read_text(encoding="utf-8").count("\n") > 450}

    assert long == LONG_FILES.keys()


def test_a_module_says_what_it_is():
    silent = [name(path) for path in SOURCES if tree_of(path).body and not ast.get_docstring(tree_of(path))]

    assert silent == []


def test_a_function_fits_on_a_screen():
    long = {
        f"{name(path)}: {node.name}": node.end_lineno - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 42
    }

    assert long == {}
