"""`/pg database delete`: a database gone, with all its data."""

from typing import Annotated

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, Positional, change, consequences, hands_out
from bot.domain.api_capabilities import Operation, is_offered
from bot.domain.cluster import BY_PLATFORM, BY_SQL, Api, made_by
from bot.domain.errors import InputError
from bot.domain.nearest_names import show_exactly
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget
from bot.domain.psql.psql_script import PsqlScript
from bot.domain.psql.scripts import delete_database
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import observe_cluster, require_live
from handlers.shared.concurrent_changes import find_concurrent_activity
from handlers.shared.database_users import (
    describe_target,
    plan_script,
    probe_no_database,
    read_database,
    script_target,
)
from handlers.shared.readiness_effect import add_account_effect

GONE = "deleted, with its data"
LOST = "Its data will be lost. Backups cover the whole cluster, so a restore resets every database in it."
BY_SQL_WARNING = ("It was created with SQL, so the API may refuse to delete it.",)


class DatabaseDeleteArguments(ClusterChangeArguments):
    database: Annotated[str, Positional(), Picks("database"), InForm(hint="")]
    """Name of the database (case-sensitive)"""


def make_script(plan: Plan) -> PsqlScript:
    return delete_database(script_target(plan), str(plan.order["database"]))


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request; the client keeps deletions in one cluster apart."""
    await act.fleet.delete_database(await act.read_cluster(plan.target), str(plan.order["database"]))
    return ""


@hands_out(make_script)
@consequences(
    harm=Harm.DESTRUCTIVE,
    loses="the database with all its data",
    undo="no; only a restore of the whole cluster brings it back",
    stops=("the database belongs to the platform",),
)
@change(
    execute=execute,
    probe=probe_no_database,
    ionosctl={Api.V1: "ionosctl dbaas postgres database delete --cluster-id {cluster} --database {database}"},
    examples=('database delete orders-staging orders --reason "moved to orders-prod"',),
)
async def database_delete(args: DatabaseDeleteArguments, ctx: Context) -> Plan:
    """Delete a database with all its data.

    Only a restore of the whole cluster brings it back. For a cluster on v2 you get a psql script after the
    approval, in “change show”.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    if not is_offered(Operation.DATABASES, cluster.api):
        script = delete_database(describe_target(cluster, ctx), args.database)
        return plan_script(cluster, "database delete", {"database": args.database}, script)
    require_live(cluster)
    database = await read_database(cluster, args.database, ctx)
    origin = made_by(database.created_by)
    if origin == BY_PLATFORM:
        raise InputError(f"{database.name} belongs to the platform and can't be deleted.")
    around = await find_concurrent_activity(cluster, ctx)
    plan = Plan(
        command="database delete",
        arguments={"cluster": cluster.id, "database": database.name},
        target=PlanTarget.of(cluster),
        action=f"Delete database {show_exactly(database.name)} in {cluster.name}",
        harm=Harm.DESTRUCTIVE,
        order={"database": database.name},
        observed={
            **observe_cluster(cluster),
            "owner": database.owner,
            "created": database.created_at.isoformat() if database.created_at else None,
        },
        effects=(
            PlanEffect(what="Database", before=f"{database.name}, owned by {database.owner}", after=GONE),
        ),
        warnings=(LOST, *(BY_SQL_WARNING if origin == BY_SQL else ()), *around.warnings),
        notes=around.notes,
        ending=ExpectedEnd(leaves_trace=True),
    )
    return await add_account_effect(plan, cluster, ctx, Operation.DATABASES, database.name)
