"""The audit entries that somebody may see: none about a cluster that the command does not show them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.audit.records import AuditQuery, AuditRow, ReadableRows
from bot.commands.context import Context
from bot.domain.cluster import GONE, Api, Cluster, Gap
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import NoSuchThing
from bot.domain.name_match import fold_name
from bot.domain.phrases import quote_text
from bot.domain.request import ApiRequest

CHUNK = 200
"""Rows read at a time until there are as many as were asked for."""

_WORD = re.compile(r"[\w.-]+")
CLUSTER_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


RowName = int | str
"""A row's number; for somebody who may not see all rows, its trace and its place there: `3f2a9c04b1d7/2`. The
numbers would tell how many other rows there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleRows:
    """Rows that may be seen, newest first, with the name of each by its number.

    `older` is the row before which there are more; None when there are none.
    """

    rows: tuple[AuditRow, ...]
    names: Mapping[int, RowName]
    older: RowName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenNames:
    """Names and ids of clusters that are not to be seen, found in what was typed or answered."""

    words: frozenset[str]
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, clusters: Iterable[Cluster], visible: Iterable[Cluster] = ()) -> "HiddenNames":
        """Return those of these clusters that no `visible` one has as well.

        A name of several words (v1 allows it) is searched as a whole.
        """
        shown = {each.name.casefold() for each in visible}
        texts = {text.casefold() for each in clusters for text in (each.id, each.name) if text} - shown
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

    For anybody else it is their own rows (those of `actor`), and the rows about clusters that they may see.
    What others did about no cluster would tell of the rest: a total, a name that is not found.
    """

    everything: bool
    names: Mapping[str, str]
    hidden: HiddenNames
    gaps: tuple[Gap, ...]
    actor: str

    @classmethod
    async def of(cls, ctx: Context) -> "AuditVisibility":
        """Return what the requester sees with the command that is running."""
        listing = await ctx.fleet.clusters()
        seen = ctx.policy.visible(ctx.request, listing.items)
        names = {each.id: each.name for each in seen}
        others = [each for each in listing.items if each.id not in names]
        return cls(
            everything=not others and sees_everything(ctx),
            names=names,
            hidden=HiddenNames.of(others, seen),
            gaps=listing.gaps,
            actor=str(ctx.invocation.actor),
        )

    def may_see(self, row: AuditRow) -> bool:
        """Return whether the row may be shown. What is not known to be allowed is not."""
        if self.everything:
            return True
        if not row.about <= self.names.keys():
            return False
        if row.actor == self.actor:
            return True
        return bool(row.about) and not self.hidden.named_in(f"{row.text} {row.detail}")

    def requests(self, row: AuditRow) -> tuple[ApiRequest, ...]:
        """Return the row's requests that are about no cluster, or about visible ones.

        A list of the fleet reads everybody's clusters.
        """
        if self.everything:
            return row.requests
        return tuple(each for each in row.requests if self.names.keys() >= set(CLUSTER_ID.findall(each.url)))

    def name(self, cluster_id: str) -> str:
        """Return the name of a cluster, or its id when it is gone."""
        return self.names.get(cluster_id, cluster_id)

    async def name_rows(self, rows: Iterable[AuditRow], ctx: Context) -> Mapping[int, RowName]:
        """Return how these rows are called, by their numbers."""
        found: dict[int, RowName] = {row.seq: row.seq for row in rows}
        if self.everything or not found:
            return found
        places: Counter[str] = Counter()
        for row in filter(self.may_see, await ctx.audit.of_traces({row.trace for row in rows})):
            places[row.trace] += 1
            found[row.seq] = f"{row.trace}/{places[row.trace]}"
        return found

    async def find_row(self, name: str, ctx: Context) -> AuditRow:
        """Return a row by its name. Raises NoSuchThing, for one that may not be seen in as many steps as for
        none."""
        trace, slash, place = name.strip().rpartition("/")
        found = None
        if slash:
            rows = [row for row in await ctx.audit.of_traces([trace]) if self.may_see(row)]
            number = int(place) if place.isdecimal() else 0
            found = rows[number - 1] if 0 < number <= len(rows) else None
        elif name.strip().isdecimal():
            row = await ctx.audit.row(int(name))
            found = row if self.everything else None
        if found is None:
            sentence = f"There is no entry {quote_text(name)} that you may see."
            raise NoSuchThing(ErrorCode.AUDIT_NOT_FOUND, sentence, "“audit list” shows the newest ones.")
        return found


async def find_visible(ctx: Context, sight: AuditVisibility, query: AuditQuery) -> VisibleRows:
    """Return as many visible rows as the query asks for."""
    if not sight.everything:
        query = replace(query, readable=ReadableRows(actor=sight.actor, clusters=tuple(sight.names)))
    visible: list[AuditRow] = []
    before, ended = query.before, False
    while not ended and len(visible) <= query.limit:
        chunk = await ctx.audit.find(replace(query, before=before, limit=CHUNK))
        visible += [row for row in chunk if sight.may_see(row)]
        before = chunk[-1].seq if chunk else before
        ended = len(chunk) < CHUNK
    rows = tuple(visible[: query.limit])
    names = await sight.name_rows(rows, ctx)
    older = names[rows[-1].seq] if len(visible) > query.limit else None
    return VisibleRows(rows=rows, names=names, older=older)


def sees_everything(ctx: Context, contract: str = "") -> bool:
    """Return whether the requester may see every cluster, or those of a contract, with this command: also
    those that are gone.

    Nothing is known of those, so only a permission without conditions, but for the contract, covers them.
    """
    return ctx.may_see(Cluster(id="", api=Api.V1, contract=contract, region="", name="", state=GONE))
