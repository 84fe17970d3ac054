"""`/pg user create`: a new database user, whose password nobody sees in Slack."""

from typing import Annotated

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, Task, change, consequences, headline
from bot.domain.api_capabilities import Operation
from bot.domain.cluster import Api, DbUser
from bot.domain.cluster_spec import Credentials
from bot.domain.nearest_names import show_exactly
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget
from bot.domain.psql.scripts import create_user
from handlers.shared.cluster_change import require_live
from handlers.shared.concurrent_changes import find_concurrent_activity
from handlers.shared.database_users import (
    PasswordArguments,
    check_user_name,
    probe_user,
    require_free_name,
    require_offered,
)
from handlers.shared.readiness_effect import BY_API, add_account_effect


class UserCreateArguments(PasswordArguments):
    # No picker: the name must be new.
    user: Annotated[
        str, Positional(), InForm(label="Name of the new user", hint="Upper and lower case count.")
    ]
    """Name of the new user (case-sensitive)"""


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request, after the password is safe."""
    cluster = await act.read_cluster(plan.target)
    password = await act.take_password(plan)
    await act.fleet.create_user(cluster, Credentials(username=str(plan.order["user"]), password=password))
    return ""


@headline(Task.CHANGE)
@consequences(
    harm=Harm.MILD,
    loses="nothing",
    undo="delete the user",
    stops=("a user with that name exists", "the bot has no way to give you the password"),
)
@change(
    execute=execute,
    probe=probe_user,
    ionosctl={
        Api.V1: "ionosctl dbaas postgres user create --cluster-id {cluster} --user {user}"
        ' --password "$DB_PASSWORD"'
    },
    examples=(
        "user create orders-prod orders_reporting",
        "user create orders-prod orders_reporting --from env:ORDERS_REPORTING_PASSWORD",
    ),
)
async def user_create(args: UserCreateArguments, ctx: Context) -> Plan:
    """Create a database user; you get its password encrypted.

    The bot makes the password and never shows it. It encrypts it to your public key (“key set”), or sends it
    to the place that app.yaml names. Works on v1; for a cluster on v2 you get a psql script instead.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    require_offered(Operation.USERS, cluster, ctx, lambda target: create_user(target, args.user))
    require_live(cluster)
    check_user_name(args.user)
    await require_free_name(cluster, args.user, ctx)
    way = await ctx.handover.find_route(ctx.invocation.actor.member, args.reference)
    around = await find_concurrent_activity(cluster, ctx)
    plan = Plan(
        command="user create",
        arguments={"cluster": cluster.id, "user": args.user, "from": args.reference},
        target=PlanTarget.of(cluster),
        action=f"Create user {show_exactly(args.user)} in {cluster.name}",
        harm=Harm.MILD,
        order={"user": args.user, "password": way.words},
        # Nothing is lost by it, and it rests on no more than this: how the cluster is set up, and when that
        # was last changed, does not matter to a new user.
        observed={"live": True, "exists": False},
        effects=(
            PlanEffect(what="User", before="does not exist", after=args.user),
            PlanEffect(what="Password", before="", after=way.words),
        ),
        warnings=around.warnings,
        notes=("The cluster will be BUSY for a moment; open connections stay.", *around.notes),
        ending=ExpectedEnd(leaves_trace=True),
    )
    new = DbUser(name=args.user, cluster_id=cluster.id, is_system=False, created_by=BY_API)
    return await add_account_effect(plan, cluster, ctx, Operation.USERS, new)
