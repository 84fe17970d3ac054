"""A rule of the scan: one file each, its id the beginning of the file's name, found by discovery."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from migrations.rule import Remedy, RuleDeclaration
from migrations.scan.findings import PossibleUse, ShownUse

U = TypeVar("U", bound=PossibleUse)


@dataclass(frozen=True, slots=True)
class ScanMatch:
    """The rule applies. `text` is what was recognised; `remedy` only where it differs from the rule's own."""

    text: str
    remedy: Remedy | None = None


Found = ScanMatch | None


@dataclass(slots=True, kw_only=True)
class ScanRule(RuleDeclaration):
    """The declaration of a scan rule, with `@rule.on(kind of use)` on each function that decides."""

    _checks: dict[type[PossibleUse], Callable[[Any], Found]] = field(default_factory=dict)

    def on(self, kind: type[U]) -> Callable[[Callable[[U], Found]], Callable[[U], Found]]:
        """Decorate the function that decides about one kind of use. Pure: use in, match or None out."""

        def keep(decide: Callable[[U], Found]) -> Callable[[U], Found]:
            if kind in self._checks:
                raise ValueError(f"{self.id} has two functions for {kind.__name__}")
            self._checks[kind] = decide
            return decide

        return keep

    def judge(self, use: PossibleUse) -> Found:
        """Return the match, or None where the rule says nothing about this use."""
        decide = self._checks.get(type(use))
        return decide(use) if decide else None


def show(use: ShownUse) -> ScanMatch:
    """Return the match of a rule about every use of a kind."""
    return ScanMatch(use.text)
