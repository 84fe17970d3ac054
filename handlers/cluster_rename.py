"""`/pg cluster rename`: another display name for a cluster."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot import altering
from bot.altering import Wording
from bot.command import ChangeArguments, Picks, Positional, change
from bot.context import Context
from bot.domain import Cluster
from bot.errors import InputError
from bot.ionosctl import updating
from bot.need import Kind
from bot.plan import Effect, Harm, Plan
from bot.wanted import ClusterChange

LIMIT = timedelta(minutes=30)


class ClusterRenameArguments(ChangeArguments):
    """Which cluster, and its new name."""

    cluster: Annotated[str, Positional(), Picks("cluster"), Field(description="Name, id or unique beginning")]
    name: Annotated[str, Positional(), Field(description="The new display name; in quotes if it has blanks")]


@change(
    execute=altering.execute,
    examples=("cluster rename orders-staging orders-stage",),
    ionosctl=updating("--name {name}"),
)
async def cluster_rename(args: ClusterRenameArguments, ctx: Context) -> Plan:
    """Rename a cluster; its DNS name, address and data stay as they are.

    Entries of app.yaml that find it by its name no longer do: the plan says what that changes.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    name = args.name.strip()
    if name == cluster.name:
        raise InputError(f"The cluster is called {name} already.")
    effects = _in_settings(cluster, name, ctx)
    wording = Wording(
        action=f"Rename {cluster.name} to {name}",
        arguments={"name": name},
        harm=Harm.MILD,
        effects=effects,
        warnings=_warnings(cluster, effects),
        floor=Kind.NAME if effects else Kind.NONE,
        limit=LIMIT,
    )
    return altering.alter(cluster, ClusterChange(name=name), ctx, wording)


def _in_settings(cluster: Cluster, name: str, ctx: Context) -> tuple[Effect, ...]:
    """What app.yaml says of the cluster by its name, and would say of it by the new one."""
    renamed = replace(cluster, name=name)
    was, is_ = ctx.tags(cluster), ctx.tags(renamed)
    pairs = [(key, getattr(was, key), getattr(is_, key)) for key in ("owner", "tier", "channel")]
    pairs.append(("credentials", _user(cluster, ctx), _user(renamed, ctx)))
    effects = [
        Effect(what=f"In app.yaml: {key}", before=before or "none", after=after or "none")
        for key, before, after in pairs
        if before != after
    ]
    return tuple(effects)


def _user(cluster: Cluster, ctx: Context) -> str | None:
    found = ctx.settings.credentials(cluster)
    return found.username if found else None


def _warnings(cluster: Cluster, effects: tuple[Effect, ...]) -> tuple[str, ...]:
    if not effects:
        return ()
    return (
        f"app.yaml finds {cluster.name} by its name: what it says of it, and who may do what with it, "
        "changes with the name until app.yaml is mended.",
    )
