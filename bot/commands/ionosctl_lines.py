"""The lines of ionosctl that `--as cli` adds to an answer."""

from collections.abc import Iterable
from typing import Any

from bot.commands import ionosctl_templates
from bot.commands.context import Context
from bot.commands.declaration import Command
from bot.commands.ionosctl_templates import ShellLine
from bot.commands.parser import ParsedCommand
from bot.domain.cluster import Api, Backup, Cluster, Listing
from bot.domain.errors import InputError
from bot.domain.phrases import join_names
from bot.domain.plan import Plan, flatten_names
from bot.domain.reply import Code, Note, Part
from bot.domain.times import parse_time
from bot.ionos.cluster_lookup import find_backup
from bot.ionos.v1.requests import format_change_request
from bot.runtime.request_context import noted_clusters

NO_LINE = Note("No ionosctl command is known that does the same.")

_SEEN = "Other users of the machine can see the arguments of a command while it runs."

_V2_UPDATE = "ionosctl dbaas postgres-v2 cluster update"
_OLD_FORM = Note(
    "IONOS may refuse this: ionosctl 6.10.3 sends a v2 cluster's backup setting as it was before May 2026."
)
"""It sends an empty `backupLocation` where the cluster has `backup`: `make foreign`."""

_NO_FLAGS = frozenset({"api", "contract", "password", "delete"})
"""Fields of a plan's order that the program's own name, the token, the shell and the line itself say."""


def change_lines(plan: Plan, command: Command) -> tuple[Part, ...]:
    """Return the line that would do what a plan does, else the request to the API where that is known."""
    known = {name: value for name, value in flatten_names(plan.order).items() if value is not None}
    order = {name: value for name, value in known.items() if name not in _NO_FLAGS}
    place = {"cluster": plan.target.id or None, "region": plan.target.region}
    line = ionosctl_templates.fill_template(command.ionosctl, plan.target.api, place | order, order.keys())
    request = format_change_request(plan.target, plan.order) if line is None else None
    asked = (Note("The API request that does it:"), Code(request)) if request else ()
    return (*_line_parts((line,)), *asked)


async def read_lines(parsed: ParsedCommand, ctx: Context) -> tuple[Part, ...]:
    """Return the line that shows the same of one cluster, a line for each API for all clusters, or that there
    is none."""
    templates = parsed.command.ionosctl
    if not templates:
        return (NO_LINE,)
    given, requested = _argument_values(parsed, ctx), _typed_names(parsed)
    cluster, backup = await _find_subjects(parsed, ctx)
    given |= {"cluster": cluster.id if cluster else None} | ({"backup": backup.id} if backup else {})
    if cluster is not None:
        given["region"] = cluster.region
        return _line_parts((ionosctl_templates.fill_template(templates, cluster.api, given, requested),))
    apis = (each for each in Api if given.get("api") in {None, each.value})
    return _line_parts(ionosctl_templates.fill_template(templates, each, given, requested) for each in apis)


def _argument_values(parsed: ParsedCommand, ctx: Context) -> dict[str, Any]:
    """Return the arguments that have a value; times in UTC."""
    found = {}
    for name in type(parsed.arguments).model_fields:
        value = getattr(parsed.arguments, name)
        if value and parsed.command.picks(name) == "past":
            value = parse_time(value, ctx.now(), ctx.invocation.actor.time_zone).isoformat()
        found[name] = value or None
    if set(str(found.get("name"))) & {"*", "?"}:
        # The tool matches part of a name and knows no patterns.
        found["name"] = None
    return found


def _typed_names(parsed: ParsedCommand) -> set[str]:
    """Return the names of the arguments that differ from their defaults, except what the line is about."""
    fields = type(parsed.arguments).model_fields.items()
    typed = {name for name, info in fields if getattr(parsed.arguments, name) != info.get_default()}
    return typed - {"cluster", "backup", "api", "skip"}


async def _find_subjects(parsed: ParsedCommand, ctx: Context) -> tuple[Cluster | None, Backup | None]:
    """Return the one cluster, and the one backup, that the answer is about."""
    ids = noted_clusters()
    prefix = getattr(parsed.arguments, "backup", None)
    backup = await _find_backup(str(prefix), ids, ctx) if prefix else None
    if not ids and backup is not None:
        ids = frozenset(filter(None, (backup.cluster_id,)))
    found = [each for each in (await ctx.recent_clusters()).items if each.id in ids] if ids else []
    return (found[0] if len(found) == 1 else None), backup


async def _find_backup(reference: str, clusters: frozenset[str], ctx: Context) -> Backup | None:
    """Return the one of these clusters' backups, where there are any clusters; None where it is not clear."""
    backups = (await ctx.backups()).items
    try:
        return find_backup(
            reference, Listing(tuple(each for each in backups if not clusters or each.cluster_id in clusters))
        )
    except InputError:
        return None


def _line_parts(found: Iterable[ShellLine | None]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for line in found:
        if line is None:
            continue
        parts.append(Code(line.text))
        if line.variables:
            parts.append(Note(f"Set {join_names(line.variables)} in the shell first. {_SEEN}"))
        if line.text.startswith(_V2_UPDATE):
            parts.append(_OLD_FORM)
        if line.left_out:
            names = join_names(each.replace("_", " ") for each in line.left_out)
            parts.append(Note(f"This ionosctl command has no flag for {names}."))
    return tuple(parts) or (NO_LINE,)
