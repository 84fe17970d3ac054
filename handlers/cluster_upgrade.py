"""`/pg cluster upgrade`: a newer PostgreSQL major, for good."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, change, consequences, known_as
from bot.commands.ionosctl_templates import update_templates
from bot.domain.cluster import Cluster, major_version
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import InputError
from bot.domain.plan import Harm, Plan
from bot.ionos import request_limits
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import ChangeWording, require_live
from handlers.shared.readiness_effect import MoveFacts, whole_or_missing
from handlers.shared.restore_point import begin_backup, describe_reach, find_newest, spell_copy
from migrations.facts import MissingFact

WARNINGS = (
    "This can't be undone: neither the cluster nor its future backups can return to an older version.",
    "The database will be down for minutes, possibly several times.",
    "Extensions and objects that the new version doesn't support will be dropped.",
)
"""Source: ionos-api-notes, section 4."""


class ClusterUpgradeArguments(ClusterChangeArguments):
    version: Annotated[str, Positional(), InForm(label="PostgreSQL version", hint="", example="17")]
    """PostgreSQL major version, such as 16"""


@known_as("update", "major")
@consequences(
    harm=Harm.DESTRUCTIVE,
    loses="extensions and objects that the new version doesn't support; the database is down for minutes",
    undo="no; earlier backups restore into a new cluster of the old version, while it is offered",
    stops=("the API does not offer the version", "the cluster is neither AVAILABLE nor about to be"),
)
@change(
    execute=cluster_change.execute,
    examples=('cluster upgrade orders-prod 16 --reason "15 ends next year"',),
    ionosctl=update_templates("--version {postgres_version}"),
)
async def cluster_upgrade(args: ClusterUpgradeArguments, ctx: Context) -> Plan:
    """Upgrade a cluster to a newer PostgreSQL; this can't be undone.

    Try it on a copy first: the plan offers a command that makes one from the latest backup.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    require_live(cluster)
    version = args.version.strip()
    request_limits.check_change(cluster.api, ClusterChange(postgres_version=version))
    await _check_offered(cluster, version, ctx)
    backups = await ctx.fleet.backups(cluster)
    newest = find_newest(backups.items, ctx.now())
    whole = whole_or_missing(backups)
    after = whole if isinstance(whole, MissingFact) else begin_backup(whole, version)
    nothing = "It has no restorable backup, so there is nothing to return to if the upgrade fails."
    if backups.gaps:
        nothing = (
            f"No restorable backup could be read ({backups.gaps[0]}): there may be nothing to return to."
        )
    wording = ChangeWording(
        action=f"Upgrade {cluster.name} to PostgreSQL {version}",
        arguments={"version": version},
        harm=Harm.DESTRUCTIVE,
        warnings=WARNINGS,
        notes=(
            "A new backup starts afterwards. Older backups are kept for their usual time.",
            f"Its backups can be restored up to {describe_reach(newest, ctx)}." if newest else nothing,
        ),
        alternative=spell_copy(f"{cluster.name}-copy", cluster, newest) if newest else "",
        usual=15 * 60,
        move=MoveFacts(before={"backups": whole}, after={"backups": after}),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(postgres_version=version), ctx, wording)


async def _check_offered(cluster: Cluster, version: str, ctx: Context) -> None:
    """Raise InputError for a version that the cluster cannot be upgraded to."""
    if major_version(version) <= major_version(cluster.postgres_version):
        raise InputError(
            f"{cluster.name} runs PostgreSQL {cluster.postgres_version or 'of an unknown version'}, and can "
            "only be upgraded to a newer one.",
            "“version list” shows the available versions.",
        )
    offered = await ctx.fleet.versions_for(cluster)
    if version not in offered:
        newer = [each for each in offered if major_version(each) > major_version(cluster.postgres_version)]
        raise InputError(
            f"{cluster.name} cannot be upgraded to PostgreSQL {version}.",
            f"Available: {', '.join(newer)}." if newer else "No newer version is available for it.",
        )
