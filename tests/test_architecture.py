"""The house: who may import whom, how large a file may be, where SQL and HTTP live."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "migrations")
ROOTS = {
    "bot/programs/serve.py",
    "bot/programs/cli.py",
    "bot/programs/check.py",
    "bot/demo_programs.py",
    "bot/programs/readiness_program.py",
    "bot/programs/scan_program.py",
}
"""Composition roots, which put rooms together and so may import any of them."""

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """Every module that a file imports, dotted, wherever in the file the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reaches(path: Path, *rooms: str) -> set[str]:
    return {each for each in imports(path) for room in rooms if each == room or each.startswith(f"{room}.")}


def ids(paths: list[Path]) -> list[str]:
    return [name(path) for path in paths]


KERNEL = [path for path in SOURCES if name(path).startswith("bot/") and name(path) not in ROOTS]


@pytest.mark.parametrize("path", KERNEL, ids=ids(KERNEL))
def test_only_composition_roots_import_handlers_migrations_and_the_demo(path):
    forbidden = ["handlers", "migrations", "bot.programs.serve", "bot.programs.cli"]
    if not name(path).startswith("bot/demo/"):
        forbidden.append("bot.demo")

    assert reaches(path, *forbidden) == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path).startswith("handlers/")], ids=name)
def test_a_handler_knows_no_slack_no_sql_and_no_http(path):
    assert (
        reaches(
            path,
            "bot.slack",
            "bot.store",
            "bot.api",
            "bot.demo",
            "bot.runtime.http_server",
            "slack_bolt",
            "slack_sdk",
        )
        == set()
    )
    assert reaches(path, "httpx", "aiohttp", "sqlite3", "sqlite_utils", "starlette") == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path).startswith("handlers/")], ids=name)
def test_a_handler_lists_only_what_the_asker_may_see(path):
    """`ctx.clusters()` leaves out what may not be seen; the fleet itself does not."""
    everything = re.compile(r"fleet\.(clusters|all_backups|sightings|recent_clusters)\(")

    assert not everything.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path).startswith("migrations/")], ids=name)
def test_migrations_import_only_the_domain_and_the_errors(path):
    assert reaches(path, "bot") <= {
        each for each in imports(path) if re.match(r"bot\.(domain|errors)(\.|$)", each)
    } | {"bot"}


API = [path for path in SOURCES if name(path).startswith("bot/api/")]


@pytest.mark.parametrize("path", API, ids=ids(API))
def test_the_client_stands_on_the_domain_alone(path):
    allowed = (
        "bot.api",
        "bot.domain.cluster",
        "bot.domain.errors",
        "bot.runtime.clock",
        "bot.runtime.request_context",
        "bot.domain.cluster_spec",
    )

    assert {each for each in reaches(path, "bot") if not each.startswith(allowed)} == set()


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("slack_bolt", {"bot/slack/gateway.py", "bot/slack/http.py", "bot/programs/serve.py"}),
        ("sqlite_utils", {"bot/store/"}),
        ("sqlite3", {"bot/store/", "bot/engine/"}),
        ("httpx", {"bot/api/", "bot/demo/"}),
        ("dbos", {"bot/engine/"}),
        ("uvicorn", {"bot/runtime/http_server.py", "bot/demo/loopback_server.py"}),
    ],
)
def test_a_library_is_known_only_in_its_room(library, homes):
    strays = [
        name(path) for path in SOURCES if reaches(path, library) and not name(path).startswith(tuple(homes))
    ]

    assert strays == []


def test_code_that_branches_on_the_api_generation_has_three_homes():
    branch = re.compile(r"(==|is|in|!=)\s+\(?Api\.V[12]|Api\.V[12]\s*(==|!=)")
    strays = [
        name(path)
        for path in SOURCES
        if branch.search(path.read_text(encoding="utf-8"))
        and not name(path).startswith(("bot/api/", "bot/demo/cloud/", "migrations/"))
    ]

    assert strays == []


def test_the_kernel_names_no_command():
    """Only the words of help may stand in the kernel: an empty line and --help lead there."""
    stems = {path.stem.replace("_", " ") for path in (ROOT / "handlers").glob("*.py")} - {"__init__", "help"}
    kernel = [path for path in KERNEL if path.parent == ROOT / "bot"]
    quoted = {
        stem: [name(path) for path in kernel if f'"{stem}"' in path.read_text(encoding="utf-8")]
        for stem in stems
    }

    assert {stem: paths for stem, paths in quoted.items() if paths} == {}


@pytest.mark.parametrize("path", SOURCES, ids=ids(SOURCES))
def test_a_file_is_one_room(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= 300


@pytest.mark.parametrize("path", SOURCES, ids=ids(SOURCES))
def test_a_module_says_what_it_is_and_a_function_fits_on_a_screen(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {each.name: each.end_lineno - each.lineno + 1 for each in functions}

    assert ast.get_docstring(tree) or not tree.body
    assert {each: lines for each, lines in long.items() if lines > 42} == {}
