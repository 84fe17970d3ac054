"""`/pg database create`: a new, empty database in a cluster."""

from typing import Annotated

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, Positional, change, consequences
from bot.domain.api_capabilities import Operation
from bot.domain.cluster import Api, ClusterDatabase
from bot.domain.errors import InputError
from bot.domain.nearest_names import show_exactly
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget
from bot.domain.psql.scripts import create_database
from bot.ionos import request_limits
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import require_live
from handlers.shared.concurrent_changes import find_concurrent_activity
from handlers.shared.database_users import find_database, find_user, probe_database, require_offered
from handlers.shared.readiness_effect import BY_API, add_account_effect


class DatabaseCreateArguments(ClusterChangeArguments):
    database: Annotated[str, Positional(), InForm(label="Name of the new database", hint="")]
    """Name of the new database"""
    owner: Annotated[str, Picks("user"), InForm(hint="The database user that will own it.")]
    """Database user that will own it (case-sensitive)"""


async def execute(plan: Plan, act: ExecutionContext) -> str:
    order = plan.order
    cluster = await act.read_cluster(plan.target)
    await act.fleet.create_database(cluster, str(order["database"]), str(order["owner"]))
    return ""


@consequences(
    harm=Harm.MILD,
    loses="nothing",
    undo="delete the database",
    stops=("a database with that name exists", "the owner does not exist"),
)
@change(
    execute=execute,
    probe=probe_database,
    ionosctl={
        Api.V1: "ionosctl dbaas postgres database create --cluster-id {cluster} --database {database}"
        " --owner {owner}"
    },
    examples=("database create orders-prod orders_archive_2027 --owner orders",),
)
async def database_create(args: DatabaseCreateArguments, ctx: Context) -> Plan:
    """Create an empty database for a user of the cluster.

    Works on v1; for a cluster on v2 you get a psql script instead.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    require_offered(
        Operation.DATABASES, cluster, ctx, lambda target: create_database(target, args.database, args.owner)
    )
    require_live(cluster)
    request_limits.check_database(args.database, args.owner)
    if await find_database(cluster, args.database, ctx) is not None:
        raise InputError(f"{cluster.name} already has a database called {args.database}.")
    owner = await find_user(cluster, args.owner, ctx)
    around = await find_concurrent_activity(cluster, ctx)
    plan = Plan(
        command="database create",
        arguments={"cluster": cluster.id, "database": args.database, "owner": owner.name},
        target=PlanTarget.of(cluster),
        action=f"Create database {show_exactly(args.database)} in {cluster.name}",
        harm=Harm.MILD,
        order={"database": args.database, "owner": owner.name},
        # How the cluster is set up does not matter to an empty database: only that this is still its owner.
        observed={
            "live": True,
            "exists": False,
            "owner_created": owner.created_at.isoformat() if owner.created_at else None,
        },
        effects=(
            PlanEffect(what="Database", before="does not exist", after=args.database),
            PlanEffect(what="Owner", before="", after=owner.name),
        ),
        warnings=around.warnings,
        notes=around.notes,
        ending=ExpectedEnd(leaves_trace=True),
    )
    new = ClusterDatabase(name=args.database, cluster_id=cluster.id, owner=owner.name, created_by=BY_API)
    return await add_account_effect(plan, cluster, ctx, Operation.DATABASES, new)
