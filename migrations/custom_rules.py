"""Rules of a customer's own: Python files in a folder, with the same contract as those that ship."""

import ast
import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import ModuleType

import migrations.rules
from bot.domain.errors import ConfigError
from migrations.facts import ClusterFacts
from migrations.rule import Check, Inconclusive, Rule, Verdict, discover_rules, sort_rules

PACKAGE = "own_rules"
"""Package of the custom modules, so that no file of the folder can take the name of another module."""

_CLUSTER = ("Api", "Connection", "MaintenanceWindow", "GONE", "Cluster", "Backup", "DbUser")
MOVED = {
    "migrations.rule.Evidence": "migrations.rule.RuleEvidence",
    "migrations.rule.Fires": "migrations.rule.Found",
    "migrations.rule.Quiet": "migrations.rule.Clear",
    "migrations.rule.CannotTell": "migrations.rule.Inconclusive",
    "bot.errors": "bot.domain.errors",
    "migrations.facts.Missing": "migrations.facts.MissingFact",
    "migrations.facts.Need": "migrations.facts.FactNeed",
    "migrations.precheck.precheck_report": "migrations.precheck.database_documents",
    "bot.domain.Database": "bot.domain.cluster.ClusterDatabase",
    **{
        f"bot.domain.{name}": f"bot.domain.cluster.{name}"
        for name in (*_CLUSTER, "BackupLocation", "PostgresVersion")
    },
}
"""Names of 0.1.0 and what they are called today: rules that were written then still import them."""

NEXT_STEP = "Fix the file, or remove it from the folder in migration.rules (app.yaml)."


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that ship, by id."""
    return discover_rules(migrations.rules, Rule)


def load_rules(folder: str | None) -> tuple[Rule, ...]:
    """Return the rules that ship and those of the folder, by id. Reads files, so not for the event loop.

    Raises ConfigError, naming the file, for one that cannot be used.
    """
    own = load_custom_rules(Path(folder)) if folder else ()
    ids = {rule.id for rule in shipped_rules()}
    for path, rule in own:
        if rule.id in ids:
            raise ConfigError(f"{path}: rule {rule.id} already exists.", "Give it another id.")
        ids.add(rule.id)
    return sort_rules((*shipped_rules(), *(rule for _, rule in own)))


def load_custom_rules(folder: Path) -> tuple[tuple[Path, Rule], ...]:
    """Return every rule of a folder with its file, by file name; names that begin with _ are ignored.

    Raises ConfigError for a folder that cannot be read, and for a file that declares no rule.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".py" and path.name[0] != "_")
    except OSError as error:
        raise ConfigError(
            f"migration.rules: can’t read the folder {folder}: {error.strerror}.",
            "Give a folder that the bot can read.",
        ) from None
    return tuple((path, _load_rule(path)) for path in paths)


def _load_rule(path: Path) -> Rule:
    try:
        rule = getattr(_load_module(path), "rule", None)
    except Exception as error:
        raise ConfigError(f"Can’t load {path}: {_describe_error(error, path)}.", NEXT_STEP) from error
    if not isinstance(rule, Rule):
        raise ConfigError(
            f"{path} does not declare a rule: `rule = Rule(module=__name__, …)` is missing.", NEXT_STEP
        )
    if not rule.is_checked:
        raise ConfigError(f"{path} has no check: mark one function with @rule.check.", NEXT_STEP)
    return replace(rule, _check=_guard_check(rule.judge, path))


def _load_module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{PACKAGE}.{path.stem}", path)
    if spec is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and the like look their module up while it is being executed.
    sys.modules[spec.name] = module
    try:
        tree = _TodaysNames().visit(ast.parse(path.read_bytes(), str(path)))
        exec(compile(tree, str(path), "exec"), vars(module))  # noqa: S102 - the operator's own file
    finally:
        del sys.modules[spec.name]
    return module


class _TodaysNames(ast.NodeTransformer):
    """Reads `from migrations.rule import Fires` as `from migrations.rule import Found as Fires`."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        """Return one import for each name, from where it is today."""
        imports = [ast.copy_location(_import_today(node, each), node) for each in node.names]
        return [ast.fix_missing_locations(each) for each in imports]


def _import_today(node: ast.ImportFrom, alias: ast.alias) -> ast.ImportFrom:
    dotted = f"{node.module}.{alias.name}"
    if dotted in MOVED:
        module, _, name = MOVED[dotted].rpartition(".")
        return ast.ImportFrom(module, [ast.alias(name, alias.asname or alias.name)], level=0)
    return ast.ImportFrom(MOVED.get(node.module or "", node.module), [alias], level=node.level)


def _guard_check(judge: Check, path: Path) -> Check:
    """Return a check that turns an exception into an inconclusive result with its place, so that one broken
    rule does not stop the others."""

    def decide(facts: ClusterFacts) -> Verdict:
        try:
            return judge(facts)
        except Exception as error:  # noqa: BLE001 - a rule of somebody else can raise anything
            return Inconclusive(f"the rule failed with an error: {_describe_error(error, path)}")

    return decide


def _describe_error(error: Exception, path: Path) -> str:
    """Describe the error, with the name of the file and the line in it."""
    if isinstance(error, SyntaxError):
        return f"{path.name} line {error.lineno or '?'}: {error.msg}"
    steps = walk_tb(error.__traceback__)
    lines = [number for frame, number in steps if frame.f_code.co_filename == str(path)]
    where = f"{path.name} line {lines[-1]}" if lines else path.name
    said = f" ({error})" if isinstance(error, ValueError | ImportError | NameError | TypeError) else ""
    return f"{where}: {type(error).__name__}{_new_name(error) or said}"


def _new_name(error: Exception) -> str:
    """The new name, for what was asked of a module by a name that it no longer has."""
    if not isinstance(error, AttributeError | ModuleNotFoundError):
        return ""
    module = getattr(getattr(error, "obj", None), "__name__", "")
    old = f"{module}.{error.name}".lstrip(".")
    return f" ({old} is now {MOVED[old]})" if old in MOVED else ""
