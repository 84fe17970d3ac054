"""Checks and probes that planners of users and databases share."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import Field, SecretStr

from bot.changes.operation import ExecutionContext, is_later
from bot.changes.password_store import generate_password
from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks
from bot.domain.api_capabilities import LACKS, Operation
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import Attempt, OutcomeEvidence
from bot.domain.cluster import Cluster, ClusterDatabase, DbUser, Listing
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import CloudError, InputError, NoSuchThing, NotFound
from bot.domain.nearest_names import spell_code_points, suggest_names
from bot.domain.phrases import quote_text
from bot.domain.plan import Harm, Plan, PlanEffect, PlanTarget, Value
from bot.domain.psql.identifiers import check_length
from bot.domain.psql.psql_script import PsqlScript, RunSql, SqlTarget
from bot.ionos import request_limits
from handlers.shared.argument_types import ClusterChangeArguments, UserName

T = TypeVar("T")


class PasswordArguments(ClusterChangeArguments):
    """A user of a cluster, and where the password comes from if the bot shall not make it."""

    user: UserName
    # “from” is a word of Python's, so that the field cannot be declared the usual way.
    __annotations__["from"] = Annotated[
        str,
        Picks("reference"),
        InForm(
            label="Reference to the password", hint="If empty, the bot makes a password and hands it over."
        ),
        Field(default="", description="Reference to the password: env:NAME or file:PATH, never a value"),
    ]

    @property
    def reference(self) -> str:
        """The place to take the password from; empty when the bot makes it."""
        return str(getattr(self, "from"))


def require_offered(
    operation: Operation, cluster: Cluster, ctx: Context, make_script: Callable[[SqlTarget], PsqlScript]
) -> None:
    """Raise RunSql, with the script that does the same, where the cluster's API has no such operation."""
    if (operation, cluster.api) in LACKS:
        script = make_script(describe_target(cluster, ctx))
        raise RunSql(
            f"The {cluster.api} API does not support {operation}. This SQL script does it instead.", script
        )


def plan_script(cluster: Cluster, command: str, order: Mapping[str, Value], script: PsqlScript) -> Plan:
    """Return the plan that hands out a script by which data can be lost: it is approved as a deletion is.

    `order` holds the arguments besides the cluster; `script_target` reads the rest of it.
    """
    target = script.target
    what = f"{script.about[:1].lower()}{script.about[1:]}"
    return Plan(
        command=command,
        arguments={"cluster": cluster.id, **order},
        target=PlanTarget.of(cluster),
        action=f"Hand out a psql script: {what} in {cluster.name}",
        harm=Harm.DESTRUCTIVE,
        floor=RequirementKind.NAME,
        order={**order, "script": {"primaries": list(target.primaries), "initial": target.initial}},
        effects=(PlanEffect(what="Script", before="", after="in “change show”, after the approval"),),
        warnings=(
            f"Running it can delete {script.operation.loses}.",
            *(() if what.isascii() else (f"Spelled out: {spell_code_points(what)}.",)),
        ),
        notes=(f"The {cluster.api} API does not support this, so you run the script yourself with psql.",),
    )


def script_target(plan: Plan) -> SqlTarget:
    """Return the cluster as a plan's script names it."""
    names = cast("dict[str, Any]", plan.order["script"])
    return SqlTarget(
        cluster=plan.target.name, primaries=tuple(names["primaries"]), initial=str(names["initial"])
    )


def describe_target(cluster: Cluster, ctx: Context) -> SqlTarget:
    """Return the cluster with its primary user's names, that of the API before that of app.yaml."""
    credentials = ctx.settings.credentials(cluster)
    names = (cluster.primary_user, credentials.username if credentials else None)
    return SqlTarget(
        cluster=cluster.name,
        primaries=tuple(dict.fromkeys(name for name in names if name)),
        initial=credentials.database if credentials else "",
    )


def check_user_name(name: str) -> None:
    """Raise BadArgument for a name that the API does not take."""
    request_limits.check_user(name, SecretStr(generate_password()))


async def require_free_name(cluster: Cluster, name: str, ctx: Context) -> None:
    try:
        await ctx.fleet.user(cluster, name)
    except NotFound:
        return
    raise InputError(
        f"{cluster.name} already has a user called {quote_text(name)}.",
        "“user password” sets a new password for it.",
    )


async def find_user(cluster: Cluster, name: str, ctx: Context) -> DbUser:
    """Return a user that may be changed. Raises as `read_user`, and InputError for the platform's own."""
    user = await read_user(cluster, name, ctx)
    if user.is_system:
        raise InputError(f"{user.name} belongs to the platform and can't be changed or deleted.")
    return user


async def read_user(cluster: Cluster, name: str, ctx: Context) -> DbUser:
    """Return the user whose name has exactly these code points. Raises NoSuchThing with what looks alike."""
    check_length("user", name)
    with suppress(NotFound):
        user = await ctx.fleet.user(cluster, name)
        if user.name == name:
            return user
    raise await _make_missing_error("user", name, cluster, ctx.fleet.users(cluster, system=True))


async def read_database(cluster: Cluster, name: str, ctx: Context) -> ClusterDatabase:
    """Return the database whose name has exactly these code points. Raises as `read_user`."""
    database = await find_database(cluster, name, ctx)
    if database is None:
        raise await _make_missing_error("database", name, cluster, ctx.fleet.databases(cluster))
    return database


async def find_database(cluster: Cluster, name: str, ctx: Context) -> ClusterDatabase | None:
    """Return the database of exactly that name, else None. A new one may be missing for a moment."""
    check_length("database", name)
    with suppress(NotFound):
        database = await ctx.fleet.database(cluster, name)
        if database.name == name:
            return database
    return None


async def _make_missing_error(
    kind: Literal["user", "database"],
    name: str,
    cluster: Cluster,
    reading: Awaitable[Listing[DbUser]] | Awaitable[Listing[ClusterDatabase]],
) -> NoSuchThing:
    """Return the error for a name that is not there, with names that look alike, as far as they can be read.

    Raises NotFound where the cluster itself is not found.
    """
    try:
        known = [each.name for each in (await reading).items]
    except NotFound:
        raise
    except CloudError:
        known = []
    return NoSuchThing(
        ErrorCode.USER_NOT_FOUND if kind == "user" else ErrorCode.DATABASE_NOT_FOUND,
        f"{cluster.name} has no {kind} “{quote_text(name)}”.",
        suggest_names(name, known) or f"“{kind} list {cluster.name}” lists them.",
    )


async def list_owned(cluster: Cluster, user: str, ctx: Context) -> tuple[str, ...] | None:
    """Return the names of the databases that a user owns; None when not all can be read."""
    try:
        found = await ctx.fleet.databases(cluster)
    except CloudError:
        return None
    return None if found.gaps else tuple(sorted(each.name for each in found.items if each.owner == user))


async def probe_user(plan: Plan, act: ExecutionContext, attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a creation or a new password: the user was made or changed since the attempt."""
    user = await _read_current(act.fleet.user, "user", plan, act)
    return _find_news("user", user.modified_at, plan, attempt) if user else None


async def probe_no_user(plan: Plan, act: ExecutionContext, _attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a deletion: neither its address nor the list of users has it."""
    if await _read_current(act.fleet.user, "user", plan, act):
        return None
    listing = await act.fleet.users(await act.read_cluster(plan.target), system=True)
    return _find_absence("user", listing, plan)


async def probe_database(plan: Plan, act: ExecutionContext, attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a creation: the database was made since the attempt."""
    database = await _read_current(act.fleet.database, "database", plan, act)
    return _find_news("database", database.created_at, plan, attempt) if database else None


async def probe_no_database(plan: Plan, act: ExecutionContext, _attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a deletion: neither its address nor the list of databases has it."""
    if await _read_current(act.fleet.database, "database", plan, act):
        return None
    listing = await act.fleet.databases(await act.read_cluster(plan.target))
    return _find_absence("database", listing, plan)


def _find_absence(
    kind: str, listing: Listing[DbUser] | Listing[ClusterDatabase], plan: Plan
) -> OutcomeEvidence | None:
    """Return evidence that a complete listing lacks the plan's user or database."""
    name = str(plan.order[kind])
    if listing.gaps or any(each.name == name for each in listing.items):
        return None
    return OutcomeEvidence(words=f"{kind} {name} is gone", is_absence=True)


async def _read_current(
    read: Callable[[Cluster, str], Awaitable[T]], kind: str, plan: Plan, act: ExecutionContext
) -> T | None:
    """Return the plan's user or database as it is now; None when its address does not find it."""
    cluster = await act.read_cluster(plan.target)
    try:
        return await read(cluster, str(plan.order[kind]))
    except NotFound:
        return None


def _find_news(kind: str, at: datetime | None, plan: Plan, attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of what is new, or was changed later than when the plan last read it."""
    is_new = plan.observed.get("exists") is False
    if not is_new and (at is None or not is_later(at, plan.observed, "changed", attempt)):
        return None
    seen = "there" if at is None else f"of {at:%H:%M:%S} UTC"
    return OutcomeEvidence(words=f"{kind} {plan.order[kind]} is {seen}")
