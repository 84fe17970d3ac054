"""`/pg cluster network`: the private network that a cluster hangs in."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, change, consequences, form_layout, known_as
from bot.commands.form_layout import FormChoice, FormOption
from bot.commands.ionosctl_templates import V1_UPDATE, update_v2_templates
from bot.domain.api_capabilities import Operation, is_offered
from bot.domain.cluster import Api, Cluster, Connection
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import BadArgument
from bot.domain.plan import Harm, Plan, Value
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import ChangeWording
from handlers.shared.readiness_effect import MoveFacts

_FLAGS = "--datacenter-id {connection.datacenter_id} --lan-id {connection.lan_id} --cidr {connection.address}"


class ClusterNetworkArguments(ClusterChangeArguments):
    datacenter: Annotated[str | None, InForm(label="Data centre id", hint="")] = None
    """Id of the data centre"""
    lan: Annotated[str | None, InForm(label="LAN number", hint="")] = None
    """Number of the LAN in the data centre"""
    address: Annotated[
        str | None, InForm(hint="Of the primary, with prefix length.", example="192.168.1.4/24")
    ] = None
    """Address of the primary with prefix length, such as 192.168.1.4/24"""
    detach: bool = False
    """Detach it from its network instead; v1 only"""


@known_as("reconnect")
@consequences(
    harm=Harm.NOTICED,
    loses="connections to the old address",
    undo="attach it to the old address again",
    stops=("the address is in a range that the API refuses",),
)
@form_layout(
    FormChoice(
        label="Network",
        options=(
            FormOption(label="Choose network or address", extras=("datacenter", "lan", "address")),
            FormOption(label="Detach from its network (API v1 only)", sets="detach"),
        ),
    )
)
@change(
    execute=cluster_change.execute,
    examples=(
        "cluster network orders-prod --address 192.168.1.5/24",
        "cluster network shop-staging --detach",
    ),
    ionosctl={
        Api.V1: (f"{V1_UPDATE} {_FLAGS}", f"{V1_UPDATE} --remove-connection={{detach}}"),
        **update_v2_templates(_FLAGS),
    },
)
async def cluster_network(args: ClusterNetworkArguments, ctx: Context) -> Plan:
    """Change a cluster's LAN or address, or detach it from its network.

    Clients that use the old address lose their connection. The DNS name points to the new one after a while.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    given: dict[str, Value] = {
        name: value.strip() for name in ("datacenter", "lan", "address") if (value := getattr(args, name))
    }
    if bool(given) == args.detach:
        raise BadArgument(
            "This needs either a new network or --detach.",
            "Add those of --datacenter, --lan and --address that change; or --detach alone.",
        )
    if args.detach:
        wording = _word_detachment(cluster)
        return await cluster_change.plan_change(cluster, ClusterChange(detach=True), ctx, wording)
    connection = _choose_connection(cluster, given)
    wording = ChangeWording(
        action=f"Attach {cluster.name} to {connection.address} in LAN {connection.lan_id}",
        arguments={
            "datacenter": connection.datacenter_id,
            "lan": connection.lan_id,
            "address": connection.address,
        },
        harm=Harm.NOTICED,
        warnings=_list_warnings(cluster),
        notes=(
            "The LAN must be in the cluster's location. Addresses from .3 to .10 of the subnet work best.",
            f"Its DNS name {cluster.dns_name or ''} will point to the new address.".replace("  ", " "),
        ),
    )
    return await cluster_change.plan_change(cluster, ClusterChange(connection=connection), ctx, wording)


def _choose_connection(cluster: Cluster, given: dict[str, Value]) -> Connection:
    present = cluster.connections[0] if cluster.connections else None
    parts = {
        "datacenter": given.get("datacenter") or (present and present.datacenter_id),
        "lan": given.get("lan") or (present and present.lan_id),
        "address": given.get("address") or (present and present.address),
    }
    lacking = [f"--{name}" for name, value in parts.items() if not value]
    if lacking:
        raise BadArgument(
            f"{cluster.name} has no network to copy the rest from.", f"Add {' and '.join(lacking)} as well."
        )
    return Connection(
        datacenter_id=str(parts["datacenter"]), lan_id=str(parts["lan"]), address=str(parts["address"])
    )


def _list_warnings(cluster: Cluster) -> tuple[str, ...]:
    warnings = ["Open connections will break. Clients that use the address itself need the new one."]
    if not is_offered(Operation.DETACH, cluster.api):
        # Where a connection is mandatory, no source says whether it can be changed (notes, section 5).
        warnings.append(
            f"The {cluster.api} API doesn't document changes of the network, so it may refuse this."
        )
    return tuple(warnings)


def _word_detachment(cluster: Cluster) -> ChangeWording:
    return ChangeWording(
        action=f"Detach {cluster.name} from its network",
        arguments={"detach": True},
        harm=Harm.NOTICED,
        warnings=("The database will be unreachable until it is attached again. Its data is kept.",),
        move=MoveFacts(lost=Operation.DETACH),
    )
