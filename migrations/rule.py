"""A readiness rule: one pure file each, its id the beginning of the file's name, found by discovery."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import Self, TypeVar

from migrations.facts import ClusterFacts, FactNeed


class Severity(StrEnum):
    """Severity of a finding, most severe first."""

    BLOCKER = "blocker"  # the cluster cannot be expressed in v2 as it is
    ACTION = "action"  # the owner should change something
    ADVICE = "advice"
    INFO = "info"


class Basis(StrEnum):
    """Basis of a rule; every finding states it."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"
    LIMIT = "documented limit, inferred consequence"


class Scope(StrEnum):
    GENERAL = "general"
    CLUSTER = "cluster"
    DATABASE = "users and databases"
    CLIENTS = "what clients lose"


V1_CLUSTERS = "v1 GET /clusters"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEvidence:
    """One observation: the field in the API's own spelling, its value in words, and the call that showed
    it."""

    field: str
    value: str
    call: str = V1_CLUSTERS


@dataclass(frozen=True, slots=True)
class Found:
    """The rule applies. `severity` only where it differs from the rule's own; `why` adds to the title."""

    evidence: tuple[RuleEvidence, ...]
    why: str = ""
    severity: Severity | None = None

    @classmethod
    def of(
        cls, name: str, *values: str, call: str = V1_CLUSTERS, why: str = "", severity: Severity | None = None
    ) -> Self:
        """Return what one call shows of the field of this name, an observation for each value."""
        return cls(tuple(RuleEvidence(field=name, value=each, call=call) for each in values), why, severity)


@dataclass(frozen=True, slots=True)
class Clear:
    """The rule was checked and found nothing."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The cluster has nothing that the rule is about, such as a pooler; `why` says what is not there."""

    why: str


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """A fact is missing, or no API has it. `question` is what to ask a person, where only one can know."""

    why: str
    question: str = ""


QUIET = Clear()

Verdict = Found | Clear | NotApplicable | Inconclusive
Check = Callable[[ClusterFacts], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """The remedy of a finding. Lines may hold {name}, {id}, {region} of the cluster, quoted where a shell
    reads them.

    `command` is a `/pg` line, `ionosctl` a line for IONOS's own tool, `sql` statements for psql.
    """

    text: str
    command: str = ""
    ionosctl: str = ""
    sql: str = ""


@dataclass(slots=True, kw_only=True)
class RuleDeclaration:
    """The part of a rule file that readiness rules and scan rules share.

    Raises ValueError when the file's name does not begin with an id such as `pgr020_`.
    """

    module: str
    title: str
    severity: Severity
    basis: Basis
    source: str
    remedy: Remedy
    id: str = field(init=False)
    """`PGR020`, from `migrations.rules.pgr020_synchronous_replication`."""

    def __post_init__(self) -> None:
        self.id = self.module.rpartition(".")[2].partition("_")[0].upper()
        if not self.id.startswith("PG") or not self.id[3:].isdigit():
            raise ValueError(f"{self.module}: name a rule file after its id, for example pgr020_name.py")


@dataclass(slots=True, kw_only=True)
class Rule(RuleDeclaration):
    """The declaration of a readiness rule, with `@rule.check` on the one function that decides."""

    scope: Scope = Scope.CLUSTER
    needs: frozenset[FactNeed] = field(default_factory=frozenset)
    _check: Check | None = None

    def check(self, decide: Check) -> Check:
        """Decorate the function that decides. It is pure: facts in, verdict out."""
        if self._check is not None:
            raise ValueError(f"{self.id} has two functions with @rule.check")
        self._check = decide
        return decide

    @property
    def is_checked(self) -> bool:
        """Return whether there is a function that decides."""
        return self._check is not None

    def judge(self, facts: ClusterFacts) -> Verdict:
        """Return the verdict; inconclusive when a fact is missing that the rule needs."""
        if self._check is None:
            raise ValueError(f"{self.id} has no check")
        missing = facts.first_missing(self.needs)
        return self._check(facts) if missing is None else Inconclusive(missing.why, missing.question)


def unstated(field_name: str) -> Inconclusive:
    """Return the verdict for a field that v1's answer leaves out: every one is optional
    (ionos-v1.openapi.yaml)."""
    return Inconclusive(f"v1's response does not include {field_name}")


D = TypeVar("D", bound=RuleDeclaration)


def discover_rules(package: ModuleType, kind: type[D]) -> tuple[D, ...]:
    """Return the rules of a package, by id. Raises TypeError for a file without one or an id used twice."""
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        rule = getattr(module, "rule", None)
        if not isinstance(rule, kind):
            raise TypeError(f"{module.__name__} declares no rule")
        found.append(rule)
    return sort_rules(found)


def sort_rules(rules: Iterable[D]) -> tuple[D, ...]:
    """Return the rules sorted by id. Raises TypeError for an id used twice."""
    found = tuple(sorted(rules, key=lambda rule: rule.id))
    if len({rule.id for rule in found}) != len(found):
        raise TypeError("two rules have the same id")
    return found
