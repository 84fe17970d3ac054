"""`/pg cluster upgrade`: a newer PostgreSQL major, for good."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Positional, change, consequences, known_as
from bot.commands.ionosctl_templates import update_templates
from bot.domain.cluster import Cluster, major_version
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import InputError
from bot.domain.plan import Harm, Plan
from bot.ionos import request_limits
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterName
from handlers.shared.cluster_change import ChangeWording
from handlers.shared.cluster_checks import require_live
from handlers.shared.readiness_effect import MoveFacts
from handlers.shared.restore_point import begin_backup, describe_reach, find_newest, spell_copy

USUAL = timedelta(minutes=15)

WARNINGS = (
    "This cannot be undone: no cluster goes back to an older major, and none of the backups made from now on "
    "restores into one.",
    "The database is down for minutes, possibly several times.",
    "Extensions and objects that the new major does not take are dropped.",
)
"""Source: ionos-api-notes, section 4."""


class ClusterUpgradeArguments(ChangeArguments):
    cluster: ClusterName
    version: Annotated[str, Positional(), Field(description="The PostgreSQL major, such as 16")]


@known_as("update", "major")
@consequences(
    harm=Harm.DESTRUCTIVE,
    loses="extensions and objects that the new version does not take; the database is down for minutes",
    undo="no; earlier backups restore into a new cluster of the old version, while it is offered",
    stops=("the API does not offer the version", "the cluster is not AVAILABLE, nor on its way there"),
)
@change(
    execute=cluster_change.execute,
    examples=('cluster upgrade orders-prod 16 --reason "15 ends next year"',),
    ionosctl=update_templates("--version {postgres_version}"),
)
async def cluster_upgrade(args: ClusterUpgradeArguments, ctx: Context) -> Plan:
    """Upgrade a cluster to a newer PostgreSQL major; this cannot be undone.

    Try it on a copy first: the plan's safer way makes one from the newest backup.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    require_live(cluster)
    version = args.version.strip()
    request_limits.check_change(cluster.api, ClusterChange(postgres_version=version))
    await _check_offered(cluster, version, ctx)
    backups = (await ctx.fleet.backups(cluster)).items
    newest = find_newest(backups, ctx.now())
    wording = ChangeWording(
        action=f"Upgrade {cluster.name} to PostgreSQL {version}",
        arguments={"version": version},
        harm=Harm.DESTRUCTIVE,
        warnings=WARNINGS,
        notes=(
            "A new backup begins afterwards; the older ones stay for as long as they are kept.",
            f"Its backups can be restored up to {describe_reach(newest, ctx)}."
            if newest
            else "It has no backup that can be restored: an upgrade that goes wrong cannot be made up for.",
        ),
        alternative=spell_copy(f"{cluster.name}-copy", cluster, newest) if newest else "",
        usual=USUAL,
        move=MoveFacts(before={"backups": backups}, after={"backups": begin_backup(backups, version)}),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(postgres_version=version), ctx, wording)


async def _check_offered(cluster: Cluster, version: str, ctx: Context) -> None:
    """Raise InputError for a version that the cluster cannot be upgraded to."""
    if major_version(version) <= major_version(cluster.postgres_version):
        raise InputError(
            f"{cluster.name} runs PostgreSQL {cluster.postgres_version or 'of an unknown version'}, and a "
            "version is only ever raised.",
            "“version list” shows what there is.",
        )
    offered = await ctx.fleet.versions_for(cluster)
    if version not in offered:
        newer = [each for each in offered if major_version(each) > major_version(cluster.postgres_version)]
        raise InputError(
            f"{cluster.name} cannot be upgraded to PostgreSQL {version}.",
            f"It can go to {', '.join(newer)}." if newer else "There is none that it can go to.",
        )
