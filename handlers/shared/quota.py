"""Room in a contract's quota for what a change makes, or makes larger, as far as that is known.

IONOS counts a contract's clusters, cores, RAM and storage, and refuses what goes beyond (its guide to
PostgreSQL, "Resource allocation"). No API tells how much there may be, so app.yaml does. What there is is
counted over both APIs and the whole contract. For a requester who may not see all of it, the others' share
would tell of them: it is counted only right before the change is sent, and never shown as a number.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.commands.context import Context
from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Cluster, Gap, Listing
from bot.domain.errors import InputError
from bot.domain.phrases import format_count, join_names
from bot.ionos.cluster_lookup import describe_gaps
from bot.ionos.merge import merge_clusters
from bot.settings.sections import Quota
from handlers.shared.audit_visibility import sees_everything

SETTING = "ionos.contracts[].quota in app.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaMeasure:
    """A counted resource. `of` returns how much a cluster uses; None: the API does not tell."""

    name: str
    label: str
    of: Callable[[Cluster], int | None]
    unit: str = ""
    scale: int = 1

    def most(self, quota: Quota) -> int | None:
        """Return how much there may be, in the measure's smallest unit (MB for RAM and storage)."""
        given: int | None = getattr(quota, self.name)
        return None if given is None else given * self.scale

    def number(self, amount: int) -> str:
        """Return the amount as it is written in app.yaml (GB for RAM and storage)."""
        return f"{amount / self.scale:,.2f}".removesuffix("0").removesuffix("0").removesuffix(".")


def _multiply_instances(cluster: Cluster, each: int | None) -> int | None:
    return None if cluster.instances is None or each is None else cluster.instances * each


MEASURES = (
    QuotaMeasure(name="clusters", label="clusters", of=lambda _cluster: 1),
    QuotaMeasure(name="cores", label="cores", of=lambda cluster: _multiply_instances(cluster, cluster.cores)),
    QuotaMeasure(
        name="ram",
        label="RAM",
        of=lambda cluster: _multiply_instances(cluster, cluster.ram_mb),
        unit="GB of ",
        scale=MB_PER_GB,
    ),
    QuotaMeasure(
        name="storage",
        label="storage",
        of=lambda cluster: _multiply_instances(cluster, cluster.storage_mb),
        unit="GB of ",
        scale=MB_PER_GB,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _QuotaUsage:
    """Growth of a measure by a change, None where it is not known, and limit and use of its quota without it.
    `silent` clusters do not tell their share."""

    measure: QuotaMeasure
    more: int | None
    most: int
    used: int
    silent: int

    def __str__(self) -> str:
        number = self.measure.number
        return (
            f"{number(self.used)} of {number(self.most)} {self.measure.unit}{self.measure.label} are in use, "
            f"and this needs {number(self.more or 0)} more"
        )


def has_quota(contract: str, ctx: Context) -> bool:
    """Return whether app.yaml says anything about the contract's quota."""
    return _find_quota(contract, ctx) != Quota()


async def check_room(after: Cluster, ctx: Context, before: Cluster | None = None) -> tuple[str, ...]:
    """Return the doubts about the room for a new cluster, or for what `before` grows to, as sentences.

    None where no quota is set. They are shown and never part of the digest: others use the contract
    meanwhile, and planning again counts again. Raises InputError where the quota has no room.
    """
    quota = _find_quota(after.contract, ctx)
    growing = [each for each in MEASURES if _measure_growth(each, before, after) != 0]
    limited = [each for each in growing if each.most(quota) is not None]
    unset = join_names(each.label for each in growing if each not in limited)
    notes: tuple[str, ...] = ()
    if unset and quota != Quota():
        notes = (
            f"The contract's quota of {unset} is unknown: no API reports it, and {SETTING} does not set it. "
            "If the quota is used up, IONOS refuses the change and nothing happens.",
        )
    if not limited:
        return notes
    listing, is_whole = await _list_others(after.contract, before, ctx), sees_everything(ctx, after.contract)
    counted = listing.items if is_whole or ctx.is_replan else tuple(filter(ctx.may_see, listing.items))
    accounts = [_count_usage(each, quota, before, after, counted) for each in limited]
    full = [str(each) for each in accounts if each.more is not None and each.used + each.more > each.most]
    if full:
        numbers = f": {'; '.join(full)}" if is_whole or not ctx.is_replan else ""
        raise InputError(
            f"The quota of contract {after.contract} is too small for this{numbers}.",
            f"Free resources, or ask IONOS support to raise the quota and then update {SETTING}.",
        )
    if not is_whole:
        notes = (_COUNTED_LATER, *notes)
    return (*_list_doubts(accounts, listing.gaps), *notes)


_COUNTED_LATER = (
    "The quota check counts only clusters that you may see. All clusters are counted right before the change "
    "is sent."
)


def _find_quota(contract: str, ctx: Context) -> Quota:
    return next((each.quota for each in ctx.settings.ionos.contracts if each.name == contract), Quota())


def _measure_growth(measure: QuotaMeasure, before: Cluster | None, after: Cluster) -> int | None:
    """Return how much more there will be; None where it is not known. What shrinks needs nothing, also where
    the quota is exceeded already."""
    present, then = (measure.of(before) if before else 0), measure.of(after)
    return None if then is None else max(then - (present or 0), 0)


def _count_usage(
    measure: QuotaMeasure, quota: Quota, before: Cluster | None, after: Cluster, others: Sequence[Cluster]
) -> _QuotaUsage:
    told = [measure.of(each) for each in others]
    known = [each for each in told if each is not None]
    return _QuotaUsage(
        measure=measure,
        more=_measure_growth(measure, before, after),
        most=measure.most(quota) or 0,
        used=((measure.of(before) or 0) if before else 0) + sum(known),
        silent=len(told) - len(known),
    )


async def _list_others(contract: str, before: Cluster | None, ctx: Context) -> Listing[Cluster]:
    """Return the contract's other clusters, each once, whichever API shows it, and the gaps."""
    seen = await ctx.fleet.sightings()
    own = before.id.casefold() if before else ""
    items = tuple(each for each in seen.items if each.contract == contract and each.id.casefold() != own)
    gaps = tuple(each for each in seen.gaps if each.contract in {None, contract})
    return merge_clusters(Listing(items, gaps))


def _list_doubts(accounts: Sequence[_QuotaUsage], gaps: Sequence[Gap]) -> Iterator[str]:
    unsure = "so the quota may not have enough room."
    if gaps:
        where = describe_gaps(Gap(where=each.where, why=each.why) for each in gaps)
        yield f"Not every cluster of the contract could be counted ({where}), {unsure}"
    for silent in sorted({each.silent for each in accounts if each.silent}):
        labels = join_names(each.measure.label for each in accounts if each.silent == silent)
        yield f"{format_count(silent, 'cluster')} in the contract did not report {labels}, {unsure}"
    untold = join_names(each.measure.label for each in accounts if each.more is None)
    if untold:
        yield f"The amount of {untold} that this needs is unknown, {unsure}"
