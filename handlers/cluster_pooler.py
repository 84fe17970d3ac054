"""`/pg cluster pooler`: the connection pooler of a cluster."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, change, consequences
from bot.commands.ionosctl_templates import update_v2_templates
from bot.domain.cluster_spec import ClusterChange
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments, PoolMode
from handlers.shared.cluster_change import ChangeWording

WARNINGS = {
    "disabled": "Connections through the pooler will be closed. Clients must use the database port instead.",
    "transaction": "A client may get another session after each transaction. Session settings, prepared "
    "statements, advisory locks and LISTEN won't last.",
    "session": "A client will keep its session until it disconnects, so fewer clients share a connection.",
}


class ClusterPoolerArguments(ClusterChangeArguments):
    mode: Annotated[PoolMode, Positional(), InForm(label="Pooling mode", hint="")]
    """Pooling mode"""


@consequences(
    harm=Harm.NOTICED,
    loses="connections through the pooler",
    undo="set the previous mode again",
)
@change(
    execute=cluster_change.execute,
    examples=("cluster pooler orders-prod transaction",),
    ionosctl=update_v2_templates("--connection-pooler {pooler:upper}"),
)
async def cluster_pooler(args: ClusterPoolerArguments, ctx: Context) -> Plan:
    """Set the mode of a cluster's connection pooler, or disable it."""
    cluster = await ctx.cluster(args.cluster, certain=True)
    wording = ChangeWording(
        action=f"Set the connection pooler of {cluster.name} to {args.mode}",
        arguments={"mode": args.mode},
        harm=Harm.NOTICED,
        warnings=(WARNINGS[args.mode],),
        notes=("The pooler listens on port 6432, the database itself on 5432 (documented for v1).",),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(pooler=args.mode), ctx, wording)
