"""A rule of the scan: one file each, its id the beginning of the file's name, found by discovery."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TypeVar

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import PossibleUse

U = TypeVar("U", bound=PossibleUse)


@dataclass(frozen=True, slots=True)
class ScanMatch:
    """The rule applies. `text` is what was recognised; `remedy` only where it differs from the rule's own."""

    text: str
    remedy: Remedy | None = None


Found = ScanMatch | None


@dataclass(slots=True, kw_only=True)
class ScanRule:
    """What a rule file declares, with `@rule.on(kind of use)` on each function that decides.

    Raises ValueError when the file's name does not begin with an id such as `pgr120_`.
    """

    module: str
    title: str
    severity: Severity
    basis: Basis
    source: str
    remedy: Remedy
    _checks: dict[type[PossibleUse], Callable[[PossibleUse], Found]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.id.startswith("PG") or not self.id[3:].isdigit():
            raise ValueError(f"{self.module}: a rule's file is named after its id, such as pgr120_")

    @property
    def id(self) -> str:
        """`PGR120`, from `migrations.scan.rules.pgr120_basic_authentication`."""
        return self.module.rpartition(".")[2].partition("_")[0].upper()

    def on(self, kind: type[U]) -> Callable[[Callable[[U], Found]], Callable[[U], Found]]:
        """Decorates the function that decides about one kind of use. Pure: use in, match or None out."""

        def keep(decide: Callable[[U], Found]) -> Callable[[U], Found]:
            if kind in self._checks:
                raise ValueError(f"{self.id} has two checks of {kind.__name__}")

            def check(use: PossibleUse) -> Found:
                return decide(use) if isinstance(use, kind) else None

            self._checks[kind] = check
            return decide

        return keep

    def judge(self, use: PossibleUse) -> Found:
        """The match, or None where the rule has nothing to say about this use."""
        check = self._checks.get(type(use))
        return None if check is None else check(use)


def discover(package: ModuleType) -> tuple[ScanRule, ...]:
    """Every rule of a package, by id. Raises TypeError for a file without one, or for an id used twice."""
    rules = sorted(
        (
            _declared(importlib.import_module(f"{package.__name__}.{info.name}"))
            for info in pkgutil.iter_modules(package.__path__)
        ),
        key=lambda rule: rule.id,
    )
    if len({rule.id for rule in rules}) != len(rules):
        raise TypeError("two rules have the same id")
    return tuple(rules)


def _declared(module: ModuleType) -> ScanRule:
    rule = getattr(module, "rule", None)
    if not isinstance(rule, ScanRule):
        raise TypeError(f"{module.__name__} declares no rule")
    return rule
