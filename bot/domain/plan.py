"""What a change would do, as somebody saw it: stored, shown to those who decide, and run exactly as it is."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import GONE, Api, Cluster

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

Value = None | bool | int | float | str | list[Any] | dict[str, Any]
"""Plain values only: a plan is stored as JSON, and its digest must be the same everywhere."""


class Harm(StrEnum):
    """What a change can cost, from which policy takes its default."""

    MILD = "mild"  # can be undone by the opposite change, nobody notices
    NOTICED = "noticed"  # a failover, a restart, a password that others use
    DESTRUCTIVE = "destructive"  # data can be lost, or it cannot be undone


class Stored(BaseModel):
    """A part of a plan: frozen, strict, and without input values in its errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PlanTarget(Stored):
    """The cluster that a change is about. `id` is empty for one that does not exist yet."""

    id: str
    name: str
    api: Api
    contract: str
    region: str

    @classmethod
    def of(cls, cluster: Cluster) -> "PlanTarget":
        """The cluster's own."""
        return cls(
            id=cluster.id,
            name=cluster.name,
            api=cluster.api,
            contract=cluster.contract,
            region=cluster.region,
        )

    @property
    def called(self) -> str:
        """What people type to name it: its name, without blanks around it; its id where it has none (v1)."""
        return self.name.strip() or self.id

    def as_cluster(self) -> Cluster:
        """A cluster of which nothing but this is known, for policy and for addressing calls."""
        return Cluster(
            id=self.id,
            api=self.api,
            contract=self.contract,
            region=self.region,
            name=self.name,
            state="UNKNOWN",
        )


class CopySource(PlanTarget):
    """The cluster whose data a change copies. One that is gone is known by nothing but what it left."""

    is_gone: bool = False

    @classmethod
    def of(cls, cluster: Cluster) -> "CopySource":
        """The cluster's own."""
        return cls(**dict(PlanTarget.of(cluster)), is_gone=cluster.state == GONE)

    def as_cluster(self) -> Cluster:
        """As a target's, and gone where it is."""
        known = PlanTarget.as_cluster(self)
        return replace(known, state=GONE) if self.is_gone else known


class PlanEffect(Stored):
    """One thing that the change alters, in words."""

    what: str
    before: str
    after: str


class ExpectedEnd(Stored):
    """What the cluster must come to: one of `states` (or GONE) within `limit` seconds.

    `expected` are fields of the cluster and what they must read afterwards; what differs is *accepted but
    not in effect*. `usual` is how long it takes as a rule, in seconds, for the progress line.
    `leaves_trace`: the cluster shows that it was changed (`Change.look` finds it). Where that does not
    appear, nobody can tell whether it happened: the change is then *unknown*, never done.
    """

    states: tuple[str, ...] = ("AVAILABLE",)
    limit: int = 3_600
    usual: int | None = None
    expected: dict[str, Value] = Field(default_factory=dict)
    leaves_trace: bool = False


class Plan(Stored):
    """A change of one cluster, planned.

    `arguments` are the command's own in their final form (ids, absolute times): planned again with them, the
    same plan comes out unless something has changed. `order` is what will be sent, `observed` what it rests
    on; these are digested. `action` says it in a few words ("Restore orders-prod to 2026-11-20 10:00 UTC").
    `effects`, `warnings` and `notes` are shown and may hold figures that change with the clock.
    `alternative` is a safer command line, `floor` the least that policy may ask for. Never holds a secret.
    `throwaway` is a cluster that it makes beside its target, which it leaves alone, and deletes again.
    `becomes` is the target as the change leaves it, where app.yaml may find it by other rules then; `source`
    is the cluster whose data it copies.
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
    floor: RequirementKind = RequirementKind.NONE
    ending: ExpectedEnd = ExpectedEnd()
    throwaway: PlanTarget | None = None
    becomes: PlanTarget | None = None
    source: CopySource | None = None

    @property
    def subject(self) -> PlanTarget:
        """The cluster that requests are about: the one it makes for a while, else its target."""
        return self.throwaway or self.target

    @property
    def occupies(self) -> str:
        """The id of the cluster of which no other change may run meanwhile; empty for none."""
        return self.subject.id

    @property
    def turn(self) -> str:
        """What only one change may be at work on: the cluster's id, or the place of one that does not exist
        yet. Two that make a cluster of the same name could take each other's for their own."""
        new = self.subject
        return self.occupies or f"new:{new.api}/{new.contract}/{new.region}/{new.name}"

    def digest(self) -> str:
        """SHA-256 over what would be done, to what, and on which observations: what an approval is for."""
        return hashlib.sha256(canonical(self.substance()).encode()).hexdigest()

    def differences(self, now: "Plan") -> tuple[str, ...]:
        """What is no longer as it was, in words; empty exactly if the digests are equal."""
        before, after = flattened(self.substance()), flattened(now.substance())
        return tuple(
            f"{_named(key)} was {_said(before.get(key))} and is now {_said(after.get(key))}"
            for key in sorted({*before, *after})
            if before.get(key) != after.get(key)
        )

    def is_still(self, now: "Plan") -> bool:
        """Whether `now`, planned again, is what was decided on. What an earlier release did not observe yet
        nobody has decided on; everything else must be as it was."""
        known = {name: value for name, value in now.observed.items() if name in self.observed}
        return self.digest() == now.model_copy(update={"observed": known}).digest()

    def substance(self) -> dict[str, Any]:
        """What the digest is over."""
        whole = self.model_dump(mode="json")
        return {key: whole[key] for key in ("command", "arguments", "target", "order", "observed")}


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks: the same value is the same text on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def flattened(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested names joined with dots."""
    flat: dict[str, Any] = {}
    for key, each in value.items():
        name = f"{prefix}{key}"
        if isinstance(each, Mapping) and each:
            flat |= flattened(each, f"{name}.")
        else:
            flat[name] = each
    return flat


def _named(key: str) -> str:
    name = key.removeprefix("observed.").removeprefix("order.").removeprefix("arguments.")
    return _NAMES.get(name) or name.replace("_", " ").replace(".", " ")


_NAMES = {"modified_at": "the last change of the cluster"}


def _said(value: Any) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, str) and _TIME.match(value):
        return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if not isinstance(value, list) else (", ".join(map(str, value)) or "none")
