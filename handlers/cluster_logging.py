"""`/pg cluster logging`: whether a cluster ships logs and metrics to the observability service."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, change, consequences
from bot.commands.ionosctl_templates import update_v2_templates
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import BadArgument
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterName, Switch
from handlers.shared.cluster_change import ChangeWording

LIMIT = timedelta(minutes=30)

_SHIPPED = ("logs", "metrics")


class ClusterLoggingArguments(ChangeArguments):
    cluster: ClusterName
    logs: Annotated[Switch | None, Field(description="Ship its logs")] = None
    metrics: Annotated[Switch | None, Field(description="Ship its metrics")] = None


@consequences(
    harm=Harm.MILD,
    loses="the logs and metrics of the time that it is off",
    undo="switch it on again",
)
@change(
    execute=cluster_change.execute,
    examples=("cluster logging payments-prod --logs on --metrics on",),
    ionosctl=update_v2_templates(" ".join(f"[--{each}-enabled={{{each}_enabled}}]" for each in _SHIPPED)),
)
async def cluster_logging(args: ClusterLoggingArguments, ctx: Context) -> Plan:
    """Switch on or off that a cluster ships its logs and metrics.

    They go to IONOS's observability service. v2 only; the logs of a cluster on v1 are read with “log show”.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    switched = {name: value for name in _SHIPPED if (value := getattr(args, name)) is not None}
    if not switched:
        raise BadArgument("What shall it ship?", "Say --logs on or off, --metrics on or off, or both.")
    switches = {f"{name}_enabled": value == "on" for name, value in switched.items()}
    words = " and ".join(f"{name} {value}" for name, value in switched.items())
    wording = ChangeWording(
        action=f"Switch shipping of {cluster.name} to {words}",
        arguments={**switched},
        harm=Harm.MILD,
        notes=("It has no effect until the observability service is active on the contract.",),
        limit=LIMIT,
    )
    return await cluster_change.plan_change(cluster, ClusterChange(**switches), ctx, wording)
