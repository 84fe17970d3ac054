"""The audit entries that somebody may see: none about a cluster that the command does not show them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.audit.records import AuditQuery, AuditRow, SentRequest
from bot.commands.context import Context
from bot.domain.cluster import GONE, Api, Cluster, Gap
from bot.domain.name_match import fold_name

CHUNK = 200
"""Rows read at a time until there are as many as were asked for."""

SCANNED = 5_000
"""Rows read at most for somebody who may see few of them."""

_WORD = re.compile(r"[\w.-]+")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleRows:
    """Rows that may be seen, newest first, with the number of `hidden` ones that were read.

    `older` is the number before which there may be more; None when there are none.
    """

    rows: tuple[AuditRow, ...]
    hidden: int
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenNames:
    """Names and ids of clusters that are not to be seen, found in what was typed or answered."""

    words: frozenset[str]
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, clusters: Iterable[Cluster]) -> "HiddenNames":
        """Return those of these clusters. A name of several words (v1 allows it) is searched as a whole."""
        texts = {fold_name(text) for each in clusters for text in (each.id, each.name)} - {""}
        words = frozenset(text for text in texts if _WORD.fullmatch(text))
        return cls(words=words, phrases=tuple(texts - words))

    def named_in(self, text: str) -> bool:
        """Return whether the text names one. `orders-prod` is not named in `orders-prod-2`."""
        folded = fold_name(text)
        words = {word.strip(".-") for word in _WORD.findall(folded)}
        return not self.words.isdisjoint(words) or any(phrase in folded for phrase in self.phrases)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVisibility:
    """The part of the audit log that one person sees; `everything` covers clusters that are gone by now, too.

    Names prove something only while the whole fleet could be read, so with `gaps` a row must be about
    clusters that are known to be theirs.
    """

    everything: bool
    names: Mapping[str, str]
    hidden: HiddenNames
    gaps: tuple[Gap, ...]

    @classmethod
    async def of(cls, ctx: Context) -> "AuditVisibility":
        """Return what the requester sees with the command that is running."""
        listing = await ctx.fleet.clusters()
        names = {
            each.id: each.name for each in listing.items if ctx.policy.may_see(ctx.request, each).allowed
        }
        others = [each for each in listing.items if each.id not in names]
        return cls(
            everything=not others and ctx.policy.may_see(ctx.request, _make_unknown_cluster()).allowed,
            names=names,
            hidden=HiddenNames.of(others),
            gaps=listing.gaps,
        )

    def may_see(self, row: AuditRow) -> bool:
        """Return whether the row may be shown. What is not known to be allowed is not."""
        if self.everything:
            return True
        if not row.about <= self.names.keys() or (self.gaps and not row.about):
            return False
        # What was typed may name a cluster also where none was found.
        return not self.hidden.named_in(f"{row.text} {row.detail}")

    def requests(self, row: AuditRow) -> tuple[SentRequest, ...]:
        """Return the row's requests that are about no cluster, or about visible ones.

        A list of the fleet reads everybody's clusters.
        """
        if self.everything:
            return row.requests
        return tuple(each for each in row.requests if self.names.keys() >= set(_ID.findall(each.url)))

    def name(self, cluster_id: str) -> str:
        """Return the name of a cluster, or its id when it is gone."""
        return self.names.get(cluster_id, cluster_id)


async def find_visible(ctx: Context, sight: AuditVisibility, query: AuditQuery) -> VisibleRows:
    """Return as many visible rows as the query asks for, and how many were hidden on the way."""
    visible: list[AuditRow] = []
    scanned, before, ended = 0, query.before, False
    while not ended and len(visible) <= query.limit and scanned < SCANNED:
        chunk = await ctx.audit.find(replace(query, before=before, limit=CHUNK))
        visible += [row for row in chunk if sight.may_see(row)]
        scanned += len(chunk)
        before = chunk[-1].seq if chunk else before
        ended = len(chunk) < CHUNK
    rows = tuple(visible[: query.limit])
    return VisibleRows(
        rows=rows,
        hidden=scanned - len(visible),
        older=rows[-1].seq if len(visible) > query.limit else None if ended else before,
    )


def _make_unknown_cluster() -> Cluster:
    """Stand for clusters that are gone: who may see this one has a permission without conditions."""
    return Cluster(id="", api=Api.V1, contract="", region="", name="", state=GONE)
