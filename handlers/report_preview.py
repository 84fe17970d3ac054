"""`/pg report preview`: what a report would say now, shown to you alone."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from bot.command import Arguments, Positional, command
from bot.context import Context
from bot.parse import parse
from bot.policy import Asked
from bot.reply import Choices, Note, Reply
from bot.reports.message import told
from bot.reports.record import Slot


class ReportPreviewArguments(Arguments):
    """Which report."""

    report: Annotated[str, Positional(), Field(description="Name of the report")]


@command(examples=("report preview morning",))
async def report_preview(args: ReportPreviewArguments, ctx: Context) -> Reply:
    """Show what a report would say now: message and thread together, on the clusters that you may see.

    Nothing is posted or kept, so the next report still says what is different from the last one.
    """
    report = await ctx.reports.find(args.report)
    parsed = parse(report.setting.command, ctx.registry)
    asked = Asked.by(ctx.invocation, parsed.command)
    ctx.policy.require(asked)
    reply = await parsed.command.run(parsed.arguments, replace(ctx, asked=asked))
    if not reply.ok:
        return reply
    standing = (await ctx.reports.rows.standings()).get(report.name)
    slot = Slot(report=report.name, at=ctx.now(), due_at=ctx.now())
    results = await ctx.reports.rows.results(report.name)
    said = told(report, slot, reply, results, standing.muted if standing else ())
    details = said.details.parts if said.details else ()
    parts = [part for part in (*said.top.parts, *details) if not isinstance(part, Choices)]
    return Reply(
        said.top.title, (*parts, Note(f"A preview: it would be posted in {report.setting.channel}."))
    )
