"""`/pg cluster pooler`: the connection pooler of a cluster."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Positional, change, consequences
from bot.commands.ionosctl_templates import update_v2_templates
from bot.domain.cluster_spec import ClusterChange
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterName, PoolMode
from handlers.shared.cluster_change import ChangeWording

WARNINGS = {
    "disabled": "Connections through the pooler are cut off; clients have to use the database's own port.",
    "transaction": "Between transactions a client may get another session: session settings, prepared "
    "statements, advisory locks and LISTEN do not last.",
    "session": "A client keeps its session until it disconnects, so that fewer of them share a connection.",
}


class ClusterPoolerArguments(ChangeArguments):
    cluster: ClusterName
    mode: Annotated[PoolMode, Positional(), Field(description="How it pools")]


@consequences(
    harm=Harm.NOTICED,
    loses="connections through the pooler",
    undo="set the former mode again",
)
@change(
    execute=cluster_change.execute,
    examples=("cluster pooler orders-prod transaction",),
    ionosctl=update_v2_templates("--connection-pooler {pooler:upper}"),
)
async def cluster_pooler(args: ClusterPoolerArguments, ctx: Context) -> Plan:
    """Switch a cluster's connection pooler on or off, or to another mode."""
    cluster = await ctx.cluster(args.cluster, certain=True)
    wording = ChangeWording(
        action=f"Set the connection pooler of {cluster.name} to {args.mode}",
        arguments={"mode": args.mode},
        harm=Harm.NOTICED,
        warnings=(WARNINGS[args.mode],),
        notes=("The pooler listens on port 6432, the database itself on 5432 (documented for v1).",),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(pooler=args.mode), ctx, wording)
