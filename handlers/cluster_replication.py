"""`/pg cluster replication`: how the standbys of a cluster follow."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, change, consequences
from bot.commands.ionosctl_templates import update_v2_templates
from bot.domain.cluster_spec import ClusterChange
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments, ReplicationMode
from handlers.shared.cluster_change import STRICT, ChangeWording, check_strict

MODES = {"asynchronous": "ASYNCHRONOUS", "strictly-synchronous": STRICT}

WARNINGS = {
    "asynchronous": "A failover can lose the latest commits, because commits don't wait for a standby.",
    "strictly-synchronous": "Every commit will wait for a standby. Writes block while no standby responds.",
}


class ClusterReplicationArguments(ClusterChangeArguments):
    mode: Annotated[ReplicationMode, Positional(), InForm(label="Replication mode", hint="")]
    """Replication mode"""


@consequences(
    harm=Harm.NOTICED,
    loses="asynchronous: the latest commits in a failover; strictly synchronous: nothing",
    undo="switch back",
    stops=("the cluster has fewer than 3 instances, for strictly synchronous replication",),
)
@change(
    execute=cluster_change.execute,
    examples=("cluster replication ledger-prod strictly-synchronous",),
    ionosctl=update_v2_templates("--sync-mode {replication}"),
)
async def cluster_replication(args: ClusterReplicationArguments, ctx: Context) -> Plan:
    """Switch a cluster to asynchronous or strictly synchronous replication.

    Strictly synchronous replication needs at least 3 instances. Scale first, then switch.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    mode = MODES[args.mode]
    check_strict(cluster, replication=mode, instances=cluster.instances)
    wording = ChangeWording(
        action=f"Switch {cluster.name} to {args.mode} replication",
        arguments={"mode": args.mode},
        harm=Harm.NOTICED,
        warnings=(
            WARNINGS[args.mode],
            "The cluster may restart, as clusters did when IONOS switched all of them in 2026.",
        ),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(replication=mode), ctx, wording)
