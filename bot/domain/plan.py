"""The plan of a change: stored, shown to the approvers, and executed exactly as approved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import GONE, Api, Cluster
from bot.domain.name_match import fold_name
from bot.domain.stored_values import FrozenModel, json_sha256

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

Value = None | bool | int | float | str | list[Any] | dict[str, Any]
"""Plain values only: a plan is stored as JSON, and its digest must be the same everywhere."""


class Harm(StrEnum):
    """The damage a change can do; policy takes its default requirement from it."""

    MILD = "mild"  # the opposite change undoes it, nobody notices
    NOTICED = "noticed"  # a failover, a restart, a password that others use
    DESTRUCTIVE = "destructive"  # data can be lost, or it cannot be undone


_CONSEQUENCES = {
    Harm.MILD: "Clients keep working, and the opposite change undoes it.",
    Harm.NOTICED: "Clients may notice it.",
    Harm.DESTRUCTIVE: "Data can be lost, or it can't be undone.",
}


@dataclass(frozen=True, slots=True)
class Consequences:
    """The losses of a command's changes, the way to undo one, and its own guards, in words for the docs.

    `harm` is that of every plan of the command.
    """

    harm: Harm
    loses: str
    undo: str
    stops: tuple[str, ...] = ()


class PlanTarget(FrozenModel):
    """The cluster that a change is about. `id` is empty for one that does not exist yet."""

    id: str
    name: str
    api: Api
    contract: str
    region: str

    @classmethod
    def of(cls, cluster: Cluster) -> "PlanTarget":
        return cls.model_validate(cluster, from_attributes=True)

    @property
    def called(self) -> str:
        """The name that people type, without outer blanks; the id where v1 has no name, or none is seen."""
        return self.name.strip() if fold_name(self.name) else self.id

    def as_cluster(self) -> Cluster:
        """Return a cluster with nothing but these fields, for policy and for addressing calls."""
        return Cluster(
            id=self.id,
            api=self.api,
            contract=self.contract,
            region=self.region,
            name=self.name,
            state="UNKNOWN",
        )


class CopySource(PlanTarget):
    """The cluster whose data a change copies. A deleted one is known by its backups alone."""

    is_gone: bool = False

    @classmethod
    def of(cls, cluster: Cluster) -> "CopySource":
        return cls(**dict(PlanTarget.of(cluster)), is_gone=cluster.state == GONE)

    def as_cluster(self) -> Cluster:
        """Return the cluster as a target does, GONE where it was deleted."""
        known = PlanTarget.as_cluster(self)
        return replace(known, state=GONE) if self.is_gone else known


class PlanEffect(FrozenModel):
    """One effect of a change, in words. One that `is_detail` holds a long id, and is not on the card."""

    what: str
    before: str
    after: str
    is_detail: bool = False


class RuleEffect(FrozenModel):
    """One readiness rule whose finding a change adds, removes or makes more or less severe.

    `before` and `after` are severities, None for no finding. `waived_until` is the end of a waiver in force.
    """

    rule: str
    title: str
    before: str | None = None
    after: str | None = None
    waived_until: datetime | None = None


class ReadinessEffect(FrozenModel):
    """The effect of a change on its cluster's move to v2, for machines, and the notes of it for people.

    The notes stand among the plan's as well, beside its warnings; a card shows these and no others.
    `before` and `after` are verdicts, None where there is no cluster: one that is new, one that is gone.
    `undecided` are the rules that make `after` inconclusive: a plan does not read the facts they need.
    """

    before: str | None = None
    after: str | None = None
    rules: tuple[RuleEffect, ...] = ()
    undecided: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class ExpectedEnd(FrozenModel):
    """The state that the cluster must reach: one of `states` (or GONE) within `limit` seconds.

    `expected` maps fields of the cluster to the values they must have afterwards; a difference makes the
    change *not in effect*. `usual` is the usual duration in seconds, for the progress line.
    `leaves_trace`: the cluster shows that it was changed (`ChangeOperation.look` finds it). Without such a
    trace the outcome is *unknown*, never done.
    """

    states: tuple[str, ...] = ("AVAILABLE",)
    limit: int = 3_600
    usual: int | None = None
    expected: dict[str, Value] = Field(default_factory=dict)
    leaves_trace: bool = False


class Plan(FrozenModel):
    """A planned change of one cluster. It never holds a secret.

    `arguments` are those of the command in their final form (ids, absolute times): planning again with them
    gives the same plan unless something has changed. `order` is sent, `observed` is the state it rests on;
    both are digested. `action` is a title ("Restore orders-prod to 2026-11-20 10:00 UTC"). `effects`,
    `warnings` and `notes` are shown and may hold figures that change with the clock. `alternative` is a
    safer command line, `floor` the least requirement that policy may set. `throwaway` is a cluster that the
    change creates beside its target and deletes again. `becomes` is the target after the change, where other
    rules of app.yaml may match it; `source` is the cluster whose data is copied. `recovery` says what people
    can do if it fails after it was sent. `loses_after`: what was written after this time, UTC, is lost, so
    that the loss grows until the request is sent. `readiness` is None on v2, and where rules cannot be read.
    `follow_up` says what is so after it succeeded, and what to check then.
    """

    command: str
    arguments: dict[str, Value]
    target: PlanTarget
    action: str
    harm: Harm
    order: dict[str, Value] = Field(default_factory=dict)
    observed: dict[str, Value] = Field(default_factory=dict)
    effects: tuple[PlanEffect, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    alternative: str = ""
    recovery: tuple[str, ...] = ()
    floor: RequirementKind = RequirementKind.NONE
    ending: ExpectedEnd = ExpectedEnd()
    throwaway: PlanTarget | None = None
    becomes: PlanTarget | None = None
    source: CopySource | None = None
    loses_after: datetime | None = None
    readiness: ReadinessEffect | None = None
    follow_up: tuple[str, ...] = ()

    @property
    def consequence(self) -> str:
        """The first warning, else what a change of this harm means: what approvers have to know first."""
        return self.warnings[0] if self.warnings else _CONSEQUENCES[self.harm]

    @property
    def subject(self) -> PlanTarget:
        """The cluster that requests go to: the temporary one, else the target."""
        return self.throwaway or self.target

    @property
    def occupies(self) -> str:
        """The id of the cluster on which no other change may run meanwhile; empty for none."""
        return self.subject.id

    @property
    def hands_out_script(self) -> bool:
        """Return whether a person runs a psql script in the end, and the bot sends nothing."""
        return "script" in self.order

    @property
    def turn(self) -> str:
        """The key under which changes queue: the cluster's id, or the place of a cluster to be created. Two
        creations of one name could otherwise take each other's cluster for their own."""
        new = self.subject
        return self.occupies or f"new:{new.api}/{new.contract}/{new.region}/{new.name}"

    def digest(self) -> str:
        """Return the SHA-256 of `substance`: an approval is for this digest."""
        return json_sha256(self.substance())

    def differences(self, now: "Plan") -> tuple[str, ...]:
        """Return the differences to a newer plan, in words; empty exactly if the digests are equal."""
        before, after = flatten_names(self.substance()), flatten_names(now.substance())
        return tuple(
            f"{_name_reading(key)} was {_format_value(before.get(key))} and is now "
            f"{_format_value(after.get(key))}"
            for key in sorted({*before, *after})
            if before.get(key) != after.get(key)
        )

    def is_still(self, now: "Plan") -> bool:
        """Return whether a newer plan is the approved one. Facts that an earlier release did not observe were
        not part of the approval; everything else must be unchanged."""
        known = {name: value for name, value in now.observed.items() if name in self.observed}
        return self.digest() == now.model_copy(update={"observed": known}).digest()

    def substance(self) -> dict[str, Any]:
        """Return the digested part: command, arguments, target, order and observations."""
        whole = self.model_dump(mode="json")
        return {key: whole[key] for key in ("command", "arguments", "target", "order", "observed")}


def flatten_names(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one, with names joined by dots."""
    flat: dict[str, Any] = {}
    for key, each in value.items():
        name = f"{prefix}{key}"
        if isinstance(each, Mapping) and each:
            flat |= flatten_names(each, f"{name}.")
        else:
            flat[name] = each
    return flat


def _name_reading(key: str) -> str:
    name = key.removeprefix("observed.").removeprefix("order.").removeprefix("arguments.")
    return (
        "the last change of the cluster"
        if name == "modified_at"
        else name.replace("_", " ").replace(".", " ")
    )


def _format_value(value: Any) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, str) and _TIME.match(value):
        return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if not isinstance(value, list) else (", ".join(map(str, value)) or "none")
