"""Presence of v1 clusters in v2: visible, a probable successor, pending or undetermined; never "migrated".

Visibility before the vendor's own move is unknown (v1-v2-mapping, section 1), so being visible in v2 does not
prove that a cluster has moved. The whole fleet is paired at once, each cluster with one at most: by id, then,
within contract and region, by host name, then by network (section 5). A name alone proves nothing and is not
used. Another id makes a probable successor at best, and only where everything answered and nothing else
matches as well.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.cluster import Api, Cluster, Gap, host_region
from migrations.identity import find_home, host_mark, network_mark

SAME_ID = "same id"


class PresenceState(StrEnum):
    VISIBLE = "visible in v2"
    SUCCESSOR = "probable successor"
    PENDING = "pending"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class V2Presence:
    """A cluster's presence in v2, how we know, and what v2 shows of it: its own id, or its successor."""

    state: PresenceState
    how: str
    counterpart: Cluster | None = None


Shown = Mapping[str, Sequence[Cluster]]
"""What v2 shows, by id: more than one where several contracts or regions show it."""

_MARKS: tuple[tuple[str, Callable[[Cluster], str | None]], ...] = (
    ("host name", host_mark),
    ("network", network_mark),
)
"""The marks of the same cluster under another id, the strongest first."""


def pair_fleet(
    in_v1: Iterable[Cluster], in_v2: Iterable[Cluster], gaps: Iterable[Gap]
) -> dict[str, V2Presence]:
    """Return the presence of every v1 cluster, by id in lower case. Of two with one id the first counts."""
    clusters: dict[str, Cluster] = {}
    for each in in_v1:
        clusters.setdefault(each.id.casefold(), each)
    shown: dict[str, list[Cluster]] = defaultdict(list)
    for each in in_v2:
        if each.api is Api.V2:
            shown[each.id.casefold()].append(each)
    pairing = _Pairing(clusters, shown, tuple(gaps))
    for mark, read_mark in _MARKS:
        pairing.match(mark, read_mark)
    pairing.close()
    return pairing.found


class _Pairing:
    """The pairs so far. What v2 shows is free until it is paired; what may belong to several is contested."""

    def __init__(self, clusters: Mapping[str, Cluster], shown: Shown, gaps: tuple[Gap, ...]) -> None:
        self._gaps = gaps
        self.found = {
            key: V2Presence(PresenceState.VISIBLE, SAME_ID, _nearest(each, shown[key]))
            for key, each in clusters.items()
            if key in shown
        }
        self._waiting = {key: each for key, each in clusters.items() if key not in shown}
        self._free = {key: each for key, each in shown.items() if key not in clusters}
        self._contested: set[str] = set()

    def match(self, mark: str, read_mark: Callable[[Cluster], str | None]) -> None:
        """Settle every waiting cluster that has the mark of something free."""
        claims = self._find_claims(read_mark)
        claimants: dict[str, list[str]] = defaultdict(list)
        for key, candidates in claims.items():
            for candidate in candidates:
                claimants[candidate].append(key)
        taken = set()
        for key, candidates in claims.items():
            cluster = self._waiting.pop(key)
            doubt = self._find_doubt(cluster, mark, candidates, claimants)
            if doubt:
                self.found[key] = V2Presence(PresenceState.UNDETERMINED, doubt)
                self._contested.update(candidates)
                continue
            (candidate,) = candidates
            taken.add(candidate)
            successor = _nearest(cluster, self._free[candidate])
            how = f"same {mark}, with the id {successor.id}"
            self.found[key] = V2Presence(PresenceState.SUCCESSOR, how, successor)
        self._free = {key: each for key, each in self._free.items() if key not in taken}

    def close(self) -> None:
        """Say of those that match nothing that they are pending, where everything answered."""
        for key, cluster in self._waiting.items():
            gap = find_hiding_gap(cluster, self._gaps)
            self.found[key] = (
                V2Presence(PresenceState.PENDING, "not visible in v2")
                if gap is None
                else V2Presence(PresenceState.UNDETERMINED, str(gap))
            )

    def _find_claims(self, read_mark: Callable[[Cluster], str | None]) -> dict[str, list[str]]:
        """Return the free ids of v2 with the mark of each waiting cluster, in its contract and region."""
        marked: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for key, sightings in self._free.items():
            for each in sightings:
                text = read_mark(each)
                if text is not None:
                    marked[each.contract, text].add((key, host_region(each.region)))
        claims = {}
        for key, cluster in self._waiting.items():
            text, region = read_mark(cluster), find_home(cluster).v2_region
            places = marked.get((cluster.contract, text), set()) if text is not None else set()
            candidates = sorted({found for found, where in places if region in {None, where}})
            if candidates:
                claims[key] = candidates
        return claims

    def _find_doubt(
        self,
        cluster: Cluster,
        mark: str,
        candidates: Sequence[str],
        claimants: Mapping[str, Sequence[str]],
    ) -> str:
        """Say why the match is not certain; empty if it is."""
        gap = find_hiding_gap(cluster, self._gaps) or find_v1_gap(cluster, self._gaps)
        if gap is not None:
            return str(gap)
        if len(candidates) > 1:
            return f"{len(candidates)} v2 clusters have its {mark}: {', '.join(candidates)}"
        (only,) = candidates
        if len(claimants[only]) > 1:
            return f"{len(claimants[only])} v1 clusters have the {mark} of {only} in v2"
        return f"{only} in v2 may be the successor of another cluster" if only in self._contested else ""


def find_hiding_gap(cluster: Cluster, gaps: Iterable[Gap]) -> Gap | None:
    """Return the gap that leaves open whether v2 shows the cluster. 401 and 503 are not "no"."""
    region = find_home(cluster).v2_region
    for gap in gaps:
        is_v2 = gap.api in {None, Api.V2}
        is_its_contract = gap.contract in {None, cluster.contract}
        # A cluster of an unknown region may be in any.
        if is_v2 and is_its_contract and (region is None or gap.region in {None, region}):
            return gap
    return None


def find_v1_gap(cluster: Cluster, gaps: Iterable[Gap]) -> Gap | None:
    """Return the gap behind which v1 may have more of the cluster's contract: the very id that v2 shows,
    which is then nobody's successor, or the cluster itself."""
    return next(
        (gap for gap in gaps if gap.api in {None, Api.V1} and gap.contract in {None, cluster.contract}), None
    )


def _nearest(cluster: Cluster, sightings: Sequence[Cluster]) -> Cluster:
    """Return the sighting of the cluster's own contract and region, else the first by name."""
    region = find_home(cluster).v2_region

    def distance(each: Cluster) -> tuple[bool, bool, str, str]:
        place = host_region(each.region)
        return place != region, each.contract != cluster.contract, place, each.contract

    return min(sightings, key=distance)
