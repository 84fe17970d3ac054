"""`/pg cluster logging`: whether a cluster ships logs and metrics to the observability service."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, change, consequences
from bot.commands.ionosctl_templates import update_v2_templates
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import BadArgument
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments, Switch
from handlers.shared.cluster_change import ChangeWording

_SHIPPED = ("logs", "metrics")


class ClusterLoggingArguments(ClusterChangeArguments):
    logs: Annotated[Switch | None, InForm(label="Ship logs", hint="To the observability service.")] = None
    """Ship logs to the observability service"""
    metrics: Annotated[Switch | None, InForm(label="Ship metrics", hint="To the observability service.")] = (
        None
    )
    """Ship metrics to the observability service"""


@consequences(
    harm=Harm.MILD,
    loses="logs and metrics written while it is off",
    undo="switch it on again",
)
@change(
    execute=cluster_change.execute,
    examples=("cluster logging payments-prod --logs on --metrics on",),
    ionosctl=update_v2_templates(" ".join(f"[--{each}-enabled={{{each}_enabled}}]" for each in _SHIPPED)),
)
async def cluster_logging(args: ClusterLoggingArguments, ctx: Context) -> Plan:
    """Turn shipping of a cluster's logs and metrics on or off.

    They are sent to IONOS's observability service. For v2 only; on v1 read the logs with “log show”.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    switched = {name: value for name in _SHIPPED if (value := getattr(args, name)) is not None}
    if not switched:
        raise BadArgument(
            "Neither --logs nor --metrics was given.", "Add --logs on or off, --metrics on or off, or both."
        )
    switches = {f"{name}_enabled": value == "on" for name, value in switched.items()}
    words = " and ".join(f"{name} {value}" for name, value in switched.items())
    wording = ChangeWording(
        action=f"Turn {words} for {cluster.name}",
        arguments={**switched},
        harm=Harm.MILD,
        notes=("It has no effect until the observability service is active on the contract.",),
        limit=30 * 60,
    )
    return await cluster_change.plan_change(cluster, ClusterChange(**switches), ctx, wording)
