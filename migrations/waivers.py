"""Waivers from both places that hold them, as the readiness check takes them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Protocol

from bot.domain.cluster import Cluster
from migrations.readiness import EVERY, Waiver


class CommandWaiver(Protocol):
    """A waiver that somebody gave by command; `cluster` is an id or *."""

    @property
    def rule(self) -> str: ...

    @property
    def cluster(self) -> str: ...

    @property
    def until(self) -> datetime: ...

    @property
    def owner(self) -> str: ...

    @property
    def reason(self) -> str: ...


class ConfiguredWaiver(Protocol):
    """A waiver of app.yaml; `cluster` is an id or a name pattern, and it ends at `ends`."""

    @property
    def rule(self) -> str: ...

    @property
    def cluster(self) -> str: ...

    @property
    def ends(self) -> datetime: ...

    @property
    def owner(self) -> str: ...

    @property
    def reason(self) -> str: ...


def waivers_for(
    given: Iterable[CommandWaiver], configured: Iterable[ConfiguredWaiver], clusters: Iterable[Cluster]
) -> tuple[Waiver, ...]:
    """Those of app.yaml for each cluster that they fit, then those that were given, which win."""
    known = tuple(clusters)
    return (
        *(waiver for each in configured for waiver in _spread(each, known)),
        *(Waiver(each.rule.upper(), each.cluster, each.until, each.owner, each.reason) for each in given),
    )


def _spread(one: ConfiguredWaiver, clusters: tuple[Cluster, ...]) -> Iterator[Waiver]:
    fitting = [each.id for each in clusters if one.cluster == each.id or fnmatchcase(each.name, one.cluster)]
    for cluster_id in [EVERY] if one.cluster == EVERY else fitting:
        yield Waiver(one.rule.upper(), cluster_id, one.ends, one.owner, one.reason)
