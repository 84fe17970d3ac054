"""`/pg user password`: a new password for a database user, which nobody sees in Slack."""

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import change, consequences, known_as
from bot.domain.api_capabilities import Operation
from bot.domain.cluster import BY_SQL, Api, made_by
from bot.domain.cluster_spec import Credentials
from bot.domain.nearest_names import show_exactly
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget
from bot.domain.psql.scripts import set_password
from handlers.shared.cluster_change import require_live
from handlers.shared.concurrent_changes import find_concurrent_activity
from handlers.shared.database_users import PasswordArguments, find_user, probe_user, require_offered
from handlers.shared.readiness_effect import MoveFacts, add_readiness_effect


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request, after the password is safe."""
    cluster = await act.read_cluster(plan.target)
    password = await act.take_password(plan)
    await act.fleet.change_password(cluster, Credentials(username=str(plan.order["user"]), password=password))
    return ""


@known_as("rotate", "reset", "new password")
@consequences(
    harm=Harm.NOTICED,
    loses="the old password, which no longer works",
    undo="set another password",
    stops=("the user belongs to the platform", "the bot has no way to give you the password"),
)
@change(
    execute=execute,
    probe=probe_user,
    ionosctl={
        Api.V1: "ionosctl dbaas postgres user update --cluster-id {cluster} --user {user}"
        ' --password "$DB_PASSWORD"'
    },
    examples=(
        "user password orders-prod orders",
        "user password orders-prod orders --from file:/run/secrets/pg/orders",
    ),
)
async def user_password(args: PasswordArguments, ctx: Context) -> Plan:
    """Set a new password for a database user; you get it encrypted.

    The old password stops working. The bot makes the new one and never shows it. It encrypts it to your
    public key (“key set”), or sends it to the place that app.yaml names. Works on v1; for a cluster on v2 you
    get a psql script instead.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    require_offered(Operation.USERS, cluster, ctx, lambda target: set_password(target, args.user))
    require_live(cluster)
    user = await find_user(cluster, args.user, ctx)
    way = await ctx.handover.find_route(ctx.invocation.actor.member, args.reference)
    around = await find_concurrent_activity(cluster, ctx)
    by_sql = (f"{user.name} was created with SQL, so the API may refuse to change it.",)
    plan = Plan(
        command="user password",
        arguments={"cluster": cluster.id, "user": user.name, "from": args.reference},
        target=PlanTarget.of(cluster),
        action=f"Set a new password for {show_exactly(user.name)} in {cluster.name}",
        harm=Harm.NOTICED,
        order={"user": user.name, "password": way.words},
        # How the cluster is set up does not matter to a password: only that this is still the same user.
        observed={
            "live": True,
            "created": user.created_at.isoformat() if user.created_at else None,
            "changed": user.modified_at.isoformat() if user.modified_at else None,
        },
        effects=(PlanEffect(what=f"Password of {user.name}", before="current password", after=way.words),),
        warnings=(
            "The old password will stop working, so clients need the new one.",
            *(by_sql if made_by(user.created_by) == BY_SQL else ()),
            *around.warnings,
        ),
        notes=("The cluster will be BUSY for a moment; open connections stay.", *around.notes),
        ending=ExpectedEnd(leaves_trace=True),
    )
    return await add_readiness_effect(plan, cluster, cluster, ctx, MoveFacts(lost=Operation.USERS))
