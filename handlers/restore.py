"""`/pg restore`: put a cluster back to an earlier time, in place or as a new cluster."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, count
from shlex import quote
from typing import Annotated

from pydantic import Field

from bot.acting import Acting
from bot.command import ChangeArguments, Picks, Positional, change
from bot.context import Context
from bot.domain import Api, Backup, Cluster
from bot.errors import BadArgument, InputError
from bot.moments import full_span, moment
from bot.plan import Effect, Ending, Harm, Plan, Target
from bot.planning import (
    Operation,
    configuration,
    covers,
    in_both,
    is_offered,
    major,
    must_live,
    primary_user,
)
from bot.recoverable import newest_target
from bot.surroundings import surroundings
from bot.wanted import RestoreTo
from bot.wording import shown

LIMIT = timedelta(hours=6)
"""After which a restore that has not ended counts as failed; none is documented."""

USUAL = timedelta(minutes=20)
LEAST_AGE = timedelta(minutes=5)
"""The last WAL segment can take this long to be shipped (ionos-api-notes, section 9)."""

SAFER = "Safer: restore into a new cluster beside this one, and compare (“cluster create --from-backup”)."

LONGEST_NAME = 63
"""Of a cluster on v2 (ionos-v2, `ClusterProperties`); v1 tells none."""


class RestoreArguments(ChangeArguments):
    """Which cluster, and back to when."""

    cluster: Annotated[str, Positional(), Picks("cluster"), Field(description="Name, id or unique beginning")]
    to: Annotated[
        str,
        Picks("past"),
        Field(description="The time to go back to: 2026-11-20T10:00Z, or 2h for two hours ago"),
    ] = ""
    backup: Annotated[str, Picks("backup"), Field(description="Id of the backup to restore from")] = ""
    newest: Annotated[bool, Field(description="As new as its backups allow")] = False


@dataclass(frozen=True, slots=True)
class _Choice:
    """A backup, and the time in it. None: the newest that it has."""

    backup: Backup
    target: datetime | None


@dataclass(frozen=True, slots=True)
class _Beside:
    """The way around restoring in place: its command line, and what to say of it."""

    line: str
    note: str


async def execute(plan: Plan, act: Acting) -> str:
    """Send the one request."""
    cluster = await act.cluster(plan.target)
    order = plan.order
    target = order["target"]
    await act.fleet.restore(
        cluster,
        RestoreTo(
            backup_id=str(order["backup_id"]) if order["backup_id"] else None,
            target=datetime.fromisoformat(str(target)) if target else None,
        ),
        await act.credentials(cluster),
    )
    return ""


@change(
    execute=execute,
    examples=(
        'restore orders-prod --to 2026-11-20T10:00Z --reason "bad deploy"',
        "restore orders-staging --newest",
    ),
    # None for v2: ionosctl 6.10.3 sends what v2 takes for a new cluster only (ionos-api-notes, section 9).
    ionosctl={
        Api.V1: "ionosctl dbaas postgres cluster restore --cluster-id {cluster} --backup-id {backup_id}"
        " [--recovery-time {target}]"
    },
)
async def restore(args: RestoreArguments, ctx: Context) -> Plan:
    """Restore a cluster in place to an earlier time; what was written since is lost.

    A time without a zone is one of your Slack time zone. The cluster is not available meanwhile. “cluster
    create --from-backup” restores into a new cluster beside it instead, and loses nothing.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    must_live(cluster)
    demand = primary_user(ctx.settings, cluster, Operation.RESTORE)
    choice = _choose(args, cluster, (await ctx.fleet.backups(cluster)).items, ctx)
    around = await surroundings(cluster, ctx)
    beside = await _beside(cluster, choice, ctx)
    return Plan(
        command="restore",
        arguments=_final(cluster, choice),
        target=Target.of(cluster),
        action=f"Restore {cluster.name} to {_words(choice)}",
        harm=Harm.DESTRUCTIVE,
        order=_order(cluster, choice),
        observed={**configuration(cluster), "backup": choice.backup.id, "target_in_range": True},
        effects=_effects(cluster, choice, ctx),
        warnings=(_loss(choice, ctx.now()), *demand.warnings, *around.warnings),
        notes=(_reach(choice.backup, ctx), *around.notes, beside.note),
        alternative=beside.line,
        floor=demand.floor,
        ending=Ending(limit=int(LIMIT.total_seconds()), usual=int(USUAL.total_seconds()), leaves_trace=True),
    )


def _choose(args: RestoreArguments, cluster: Cluster, backups: tuple[Backup, ...], ctx: Context) -> _Choice:
    if sum(map(bool, (args.to, args.newest))) == 0 and not args.backup:
        raise BadArgument("Back to when?", "Say --to with a time, --newest, or --backup with an id.")
    if args.to and args.newest:
        raise BadArgument("--to and --newest exclude each other.")
    usable = [each for each in backups if each.earliest_target is not None]
    if not usable:
        raise InputError(f"{cluster.name} has no backup that can be restored.", "“backup list” shows them.")
    backup = _named(args.backup, cluster, backups) if args.backup else None
    if not args.to:
        return _newest(backup, usable, cluster, ctx.now())
    at = moment(args.to, ctx.now(), ctx.invocation.actor.time_zone)
    return _Choice(_covering(at, [backup] if backup else usable, cluster, ctx), at)


def _named(wanted: str, cluster: Cluster, backups: tuple[Backup, ...]) -> Backup:
    folded = wanted.strip().casefold()
    found = [each for each in backups if each.id.casefold() == folded] or [
        each for each in backups if folded and each.id.casefold().startswith(folded)
    ]
    if len(found) != 1:
        many = "fits several backups" if found else "is no backup"
        raise InputError(
            f"“{shown(wanted)}” {many} of {cluster.name}.", f"“backup list {cluster.name}” has their ids."
        )
    if found[0].earliest_target is None:
        raise InputError(f"Backup {found[0].id} has no time to restore to yet.")
    _not_newer(found[0], cluster)
    return found[0]


def _not_newer(backup: Backup, cluster: Cluster) -> None:
    """A backup restores into its own major or a newer one, never an older (ionos-api-notes, section 9)."""
    ours, its = cluster.postgres_version, backup.postgres_version
    if ours and its and major(its) > major(ours):
        raise InputError(
            f"Backup {backup.id} is of PostgreSQL {its}, and {cluster.name} runs {ours}: "
            "a backup restores into its own version or a newer one.",
        )


def _newest(backup: Backup | None, usable: list[Backup], cluster: Cluster, now: datetime) -> _Choice:
    if backup is None:
        backup = max(usable, key=lambda each: newest_target(each, now) or each.earliest_target or now)
    if is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        return _Choice(backup, None)
    end = newest_target(backup, now)
    if end is None:
        raise InputError(f"Backup {backup.id} does not tell how new it is.", "Give the time with --to.")
    return _Choice(backup, min(end, now - LEAST_AGE).replace(second=0, microsecond=0))


def _covering(at: datetime, backups: list[Backup], cluster: Cluster, ctx: Context) -> Backup:
    """The newest backup in which the time lies. Raises InputError that names the nearest time that does."""
    now = ctx.now()
    if at > now:
        raise BadArgument(f"{in_both(at, ctx)} is in the future.", "A restore goes back.")
    covering = [each for each in backups if covers(each, at, now)]
    if covering:
        chosen = max(covering, key=lambda each: each.earliest_target or at)
        _not_newer(chosen, cluster)
        return chosen
    ends = [end for each in backups for end in (each.earliest_target, newest_target(each, now)) if end]
    nearest = min(ends, key=lambda end: abs(end - at))
    raise InputError(
        f"{cluster.name} cannot be restored to {in_both(at, ctx)}: no backup covers that time.",
        f"The nearest that is possible is {in_both(nearest, ctx)}.",
    )


def _final(cluster: Cluster, choice: _Choice) -> dict[str, object]:
    """The arguments that plan this again: ids and absolute times."""
    final: dict[str, object] = {"cluster": cluster.id, "backup": choice.backup.id}
    if choice.target is None:
        return {**final, "newest": True}
    return {**final, "to": choice.target.isoformat()}


def _order(cluster: Cluster, choice: _Choice) -> dict[str, object]:
    picks = is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api)
    return {
        "backup_id": choice.backup.id if picks else None,
        "target": choice.target.isoformat() if choice.target else None,
    }


async def _beside(cluster: Cluster, choice: _Choice, ctx: Context) -> _Beside:
    """The line that restores into a new cluster instead; empty where that could not work, and why."""
    name = _free_name(cluster.name, {each.name for each in (await ctx.recent_clusters()).items})
    if ctx.settings.credentials(replace(cluster, id="", name=name)) is None:
        return _Beside("", f"{SAFER} For that app.yaml lacks the primary user of a cluster called {name}.")
    line = f"cluster create {quote(name)} --like {cluster.id} --from-backup {choice.backup.id}"
    return _Beside(f"{line} --to {choice.target.isoformat()}" if choice.target else line, SAFER)


def _free_name(name: str, taken: set[str]) -> str:
    """`orders-prod-restored`, and with a number where there is one already."""
    endings = chain(["-restored"], (f"-restored-{number}" for number in count(2)))
    names = (name[: LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(each for each in names if each not in taken)


def _words(choice: _Choice) -> str:
    if choice.target is None:
        return "the newest state of its backup"
    return f"{choice.target:%Y-%m-%d %H:%M:%S} UTC"


def _loss(choice: _Choice, now: datetime) -> str:
    since = choice.target or newest_target(choice.backup, now) or now
    return f"Everything written in the last {full_span(now - since)} is lost, and cannot be brought back."


def _effects(cluster: Cluster, choice: _Choice, ctx: Context) -> tuple[Effect, ...]:
    target = choice.target or newest_target(choice.backup, ctx.now())
    return (
        Effect(
            what="Data", before="as of now", after=f"as of {in_both(target, ctx)}" if target else "as of then"
        ),
        Effect(what="Database", before=cluster.state, after="not available until the restore has ended"),
        Effect(what="From backup", before="", after=choice.backup.id),
    )


def _reach(backup: Backup, ctx: Context) -> str:
    first, last = backup.earliest_target, newest_target(backup, ctx.now())
    reach = f"from {in_both(first, ctx)}" if first else "not stated"
    until = f" to {in_both(last, ctx)}" if last else ""
    return f"Backup {backup.id} can be restored {reach}{until}."
