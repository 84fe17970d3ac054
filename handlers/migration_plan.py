"""`/pg migration plan`: the pack of a cluster, files to take it from v1 to v2."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks, Task, command, headline, known_as, returns
from bot.domain.cluster import Api, Cluster, ClusterRef
from bot.domain.errors import InputError
from bot.domain.phrases import format_count
from bot.domain.reply import File, Reply, Text, warn_of_gaps
from bot.domain.request import Origin
from bot.domain.result import CommandResult
from bot.ionos.v2.requests import create_cluster
from handlers.shared.argument_types import ClusterName
from handlers.shared.readiness_check import check_readiness
from migrations.pack.build import pack
from migrations.pack.placeholders import Reason
from migrations.pack.target_cluster import TargetCluster, build_target
from migrations.readiness import Readiness


class MigrationPlanArguments(Arguments):
    cluster: ClusterName
    out: Annotated[str | None, Picks("hidden")] = None
    """Folder to write the files into; in the terminal only"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReason:
    """The verdict of a rule, in words, for which a value is not v1's own."""

    rule: str
    why: str
    is_inconclusive: bool

    @classmethod
    def of(cls, reason: Reason) -> "PackReason":
        return cls(rule=reason.rule.id, why=reason.text, is_inconclusive=reason.is_inconclusive)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackBlank:
    """A value that you have to fill in. `name` stands for it in every file, `path` is its place in v2's
    properties, such as instances.ram: null where it has none. `offers` are the values that v2 offers."""

    name: str
    path: str | None
    ask: str
    offers: tuple[str, ...]
    reason: PackReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackAdjustment:
    """A value that v2 does not allow and the one in its place, both in words."""

    what: str
    before: str
    after: str
    reasons: tuple[PackReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackUnchecked:
    """A value that is kept although its rule was inconclusive."""

    what: str
    value: str
    reason: PackReason


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan(CommandResult):
    """The pack of a cluster: what you have to fill in, and the names of its files; their contents are in
    `files` of the document. `values_from` is the API whose values they have."""

    to_fill_in: tuple[PackBlank, ...]
    adjustments: tuple[PackAdjustment, ...]
    unchecked: tuple[PackUnchecked, ...]
    files: tuple[str, ...]
    cluster: ClusterRef
    verdict: Readiness
    values_from: Api


@returns(MigrationPlan)
@known_as("pack", "terraform", "migrate")
@headline(Task.MIGRATE)
@command(examples=("migration plan orders-prod",))
async def migration_plan(args: MigrationPlanArguments, ctx: Context) -> Reply:
    """Make a migration pack: the files to move a cluster to v2.

    The pack has steps with rollback, the v2 request body, Terraform, ionosctl commands, and SQL for users and
    databases. It contains no secrets. In Slack you get the files by direct message; the terminal writes them.
    """
    if args.out is not None and ctx.invocation.actor.origin is not Origin.TERMINAL:
        raise InputError(
            "--out works in the terminal only.", "Leave it out: you get the files by direct message."
        )
    cluster = await ctx.cluster(args.cluster)
    judged = await check_readiness(ctx, lambda each: each.id == cluster.id)
    if not judged.collected.facts:
        raise InputError(
            f"v1 does not show {cluster.name}, so there is nothing to move to v2.",
            f"“migration show {cluster.id}” shows what is known about it.",
        )
    facts, _ = judged.collected.facts[0]
    assessment, target = judged.report.assessments[0], build_target(facts)
    made = pack(facts, assessment, create_cluster)
    files = [File(each.name, each.text.encode(), args.out or "") for each in made]
    parts = warn_of_gaps(judged.report.gaps)
    parts.append(Text("Read README.md first. It lists the values that you have to fill in."))
    parts += files
    result = _make_result(facts.cluster, assessment.readiness, target, [each.name for each in made])
    title = f"{cluster.name}: migration pack with {format_count(len(files), 'file')}"
    return Reply(title, tuple(parts), result=result)


def _make_result(
    cluster: Cluster, verdict: Readiness, target: TargetCluster, files: Sequence[str]
) -> MigrationPlan:
    return MigrationPlan(
        to_fill_in=tuple(
            PackBlank(
                name=each.name,
                path=each.path or None,
                ask=each.ask,
                offers=each.offers,
                reason=PackReason.of(each.reason) if each.reason else None,
            )
            for each in target.blanks
        ),
        adjustments=tuple(
            PackAdjustment(
                what=each.what,
                before=each.before,
                after=each.after,
                reasons=tuple(map(PackReason.of, each.reasons)),
            )
            for each in target.fitted
        ),
        unchecked=tuple(
            PackUnchecked(what=each.what, value=each.value, reason=PackReason.of(each.reason))
            for each in target.unchecked
        ),
        files=tuple(files),
        cluster=ClusterRef.of(cluster),
        verdict=verdict,
        values_from=target.basis.api,
    )
