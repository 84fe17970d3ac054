"""`/pg cluster replication`: how the standbys of a cluster follow."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Positional, change, consequences
from bot.commands.ionosctl_templates import update_v2_templates
from bot.domain.cluster_spec import ClusterChange
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterName, ReplicationMode
from handlers.shared.cluster_change import ChangeWording
from handlers.shared.cluster_checks import STRICT, check_strict

MODES = {"asynchronous": "ASYNCHRONOUS", "strictly-synchronous": STRICT}

WARNINGS = {
    "asynchronous": "A failover can lose the newest commits: nobody waits for a standby to have them.",
    "strictly-synchronous": "Every commit waits for a standby, and without one that answers no write ends.",
}


class ClusterReplicationArguments(ChangeArguments):
    cluster: ClusterName
    mode: Annotated[ReplicationMode, Positional(), Field(description="How it replicates")]


@consequences(
    harm=Harm.NOTICED,
    loses="asynchronous: the newest commits, at a failover; strictly synchronous: nothing",
    undo="switch back",
    stops=("strictly synchronous replication would have fewer than 3 instances",),
)
@change(
    execute=cluster_change.execute,
    examples=("cluster replication ledger-prod strictly-synchronous",),
    ionosctl=update_v2_templates("--sync-mode {replication}"),
)
async def cluster_replication(args: ClusterReplicationArguments, ctx: Context) -> Plan:
    """Switch a cluster between asynchronous and strictly synchronous replication.

    Strictly synchronous replication needs 3 instances; scale first, then switch.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    mode = MODES[args.mode]
    check_strict(cluster, replication=mode, instances=cluster.instances)
    wording = ChangeWording(
        action=f"Switch {cluster.name} to {args.mode} replication",
        arguments={"mode": args.mode},
        harm=Harm.NOTICED,
        warnings=(WARNINGS[args.mode], "It may restart: IONOS's own switch of all clusters in 2026 did."),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(replication=mode), ctx, wording)
