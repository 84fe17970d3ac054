"""`/pg user delete`: a database user gone."""

from typing import Annotated

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, change, consequences, form_layout, hands_out
from bot.commands.form_layout import FormChoice, FormOption
from bot.domain.api_capabilities import Operation, is_offered
from bot.domain.cluster import BY_SQL, Api, DbUser, made_by
from bot.domain.errors import InputError
from bot.domain.nearest_names import show_exactly
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget
from bot.domain.psql.psql_script import PsqlScript, SqlTarget
from bot.domain.psql.scripts import delete_user
from handlers.shared.argument_types import ClusterChangeArguments, UserName
from handlers.shared.cluster_change import observe_cluster, require_live
from handlers.shared.concurrent_changes import find_concurrent_activity
from handlers.shared.database_users import (
    describe_target,
    find_user,
    list_owned,
    plan_script,
    probe_no_user,
    require_offered,
    script_target,
)
from handlers.shared.readiness_effect import add_account_effect


class UserDeleteArguments(ClusterChangeArguments):
    user: UserName
    new_owner: Annotated[str | None, Picks("user"), InForm(label="New owner", hint="")] = None
    """v2 only: the user that gets its objects (default: the primary user)"""
    drop_objects: Annotated[bool, InForm(hint="")] = False
    """v2 only: drop its tables and other objects, with all data in them"""


def make_script(plan: Plan) -> PsqlScript:
    user, heir = str(plan.order["user"]), str(plan.order["new_owner"] or "")
    return delete_user(script_target(plan), user, heir, drop_objects=True)


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request; the client keeps deletions in one cluster apart."""
    await act.fleet.delete_user(await act.read_cluster(plan.target), str(plan.order["user"]))
    return ""


@hands_out(make_script)
@consequences(
    harm=Harm.DESTRUCTIVE,
    loses="the user with its privileges; on v2 with --drop-objects everything it owns, with all data",
    undo="no",
    stops=("the user belongs to the platform", "on v1: the user owns something"),
)
@form_layout(
    FormChoice(
        label="What the user owns",
        hint="Only API v2 asks.",
        options=(
            FormOption(label="Give it to the primary user"),
            FormOption(label="Give it to another user", fields=("new_owner",)),
            FormOption(label="Drop it with all its data", sets="drop_objects"),
        ),
    )
)
@change(
    execute=execute,
    probe=probe_no_user,
    ionosctl={Api.V1: "ionosctl dbaas postgres user delete --cluster-id {cluster} --user {user}"},
    examples=("user delete orders-staging Orders-QA",),
)
async def user_delete(args: UserDeleteArguments, ctx: Context) -> Plan:
    """Delete a database user; its clients can no longer connect.

    On v1 PostgreSQL refuses while the user owns anything. For a cluster on v2 you get a psql script, which
    gives the user's objects to the primary user. With --drop-objects the script drops them with all their
    data, and you get it after the approval.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)

    def make(target: SqlTarget) -> PsqlScript:
        return delete_user(target, args.user, args.new_owner or "", drop_objects=args.drop_objects)

    if args.drop_objects and not is_offered(Operation.USERS, cluster.api):
        order = {"user": args.user, "new_owner": args.new_owner, "drop_objects": True}
        return plan_script(cluster, "user delete", order, make(describe_target(cluster, ctx)))
    require_offered(Operation.USERS, cluster, ctx, make)
    _refuse_flags_of_v2(args)
    require_live(cluster)
    user = await find_user(cluster, args.user, ctx)
    databases = await list_owned(cluster, user.name, ctx)
    around = await find_concurrent_activity(cluster, ctx)
    plan = Plan(
        command="user delete",
        arguments={"cluster": cluster.id, "user": user.name},
        target=PlanTarget.of(cluster),
        action=f"Delete user {show_exactly(user.name)} in {cluster.name}",
        harm=Harm.DESTRUCTIVE,
        order={"user": user.name},
        observed={
            **observe_cluster(cluster),
            "created": user.created_at.isoformat() if user.created_at else None,
            "owns": None if databases is None else list(databases),
        },
        effects=(PlanEffect(what="User", before=user.name, after="deleted, with its privileges"),),
        warnings=(*_list_warnings(user, databases), *around.warnings),
        notes=around.notes,
        ending=ExpectedEnd(leaves_trace=True),
    )
    return await add_account_effect(plan, cluster, ctx, Operation.USERS, user.name)


def _refuse_flags_of_v2(args: UserDeleteArguments) -> None:
    if args.new_owner is not None or args.drop_objects:
        raise InputError(
            "--new-owner and --drop-objects work on v2 only: the v1 API deletes only users that own nothing.",
            "Leave them out, and first give the user's objects to another one with SQL.",
        )


def _list_warnings(user: DbUser, databases: tuple[str, ...] | None) -> list[str]:
    found = [f"Clients that connect as {user.name} will lose access."]
    if databases is None:
        found.append("The list of databases that it owns could not be read.")
    elif databases:
        found.append(
            f"It owns {', '.join(databases)}. PostgreSQL can't drop a role that owns objects, so give them "
            "to another role first."
        )
    if made_by(user.created_by) == BY_SQL:
        found.append("It was created with SQL, so the API may refuse to delete it.")
    return found
