"""`/pg migration plan`: the pack of a cluster, files to take it from v1 to v2."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks, Positional, Task, command, headline, known_as
from bot.commands.form_layout import InForm
from bot.domain.errors import InputError
from bot.domain.phrases import format_count
from bot.domain.reply import File, Reply, Text, warn_of_gaps
from bot.domain.request import Origin
from bot.ionos.v2.requests import create_cluster
from handlers.shared.readiness_check import check_readiness
from migrations.pack.build import pack


class MigrationPlanArguments(Arguments):
    cluster: Annotated[
        str,
        Positional(),
        Picks("cluster"),
        InForm(hint="Type part of its name."),
        Field(description="Name, id or unique start of a name"),
    ]
    out: Annotated[
        str | None, Picks("hidden"), Field(description="Folder to write the files into; in the terminal only")
    ] = None


@known_as("pack", "terraform", "migrate")
@headline(Task.MIGRATE)
@command(examples=("migration plan orders-prod",))
async def migration_plan(args: MigrationPlanArguments, ctx: Context) -> Reply:
    """Make a migration pack: the files to move a cluster to v2.

    The pack has steps with rollback, the v2 request body, Terraform, ionosctl commands, and SQL for users and
    databases. It contains no secrets. In Slack you get the files by direct message; the terminal writes them.
    """
    if args.out is not None and ctx.invocation.actor.origin is not Origin.TERMINAL:
        raise InputError(
            "--out works in the terminal only.", "Leave it out: you get the files by direct message."
        )
    cluster = await ctx.cluster(args.cluster)
    judged = await check_readiness(ctx, lambda each: each.id == cluster.id)
    if not judged.collected.facts:
        raise InputError(
            f"v1 does not show {cluster.name}, so there is nothing to move to v2.",
            f"“migration show {cluster.id}” shows what is known about it.",
        )
    facts, _ = judged.collected.facts[0]
    made = pack(facts, judged.report.assessments[0], create_cluster)
    files = [File(each.name, each.text.encode(), args.out or "") for each in made]
    parts = warn_of_gaps(judged.report.gaps)
    parts.append(Text("Read README.md first. It lists the values that you have to fill in."))
    parts += files
    return Reply(f"{cluster.name}: migration pack with {format_count(len(files), 'file')}", tuple(parts))
