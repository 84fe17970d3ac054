"""`/pg report preview`: what a report would say now, shown to you alone."""

from dataclasses import replace

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.commands.parser import parse
from bot.commands.run import run_command
from bot.domain.phrases import join_names
from bot.domain.reply import Choices, Mention, Note, Part, Reply
from bot.reports.message import ReportMessage, build_message
from bot.reports.record import ResultHistory, Slot
from handlers.shared.argument_types import ReportName
from handlers.shared.audit_visibility import sees_everything
from handlers.shared.report_lookup import find_report


class ReportPreviewArguments(Arguments):
    report: ReportName


@command(examples=("report preview morning",))
async def report_preview(args: ReportPreviewArguments, ctx: Context) -> Reply:
    """Preview a report as it would look now, without posting it.

    The preview covers the clusters that you may see, and has message and thread together. It is not stored,
    so the next run still shows what changed since the last one.
    """
    report = await find_report(args.report, ctx)
    ctx.reports.check_setting(report.setting, from_file=report.is_from_file)
    parsed = parse(report.setting.command, ctx.registry)
    ctx = ctx.for_command(parsed.command.name)
    if parsed.command.change is not None:
        dry = replace(parsed, flags=replace(parsed.flags, dry_run=True))
        return await run_command(dry, ctx)
    reply = await run_command(parsed, ctx)
    if not reply.ok:
        return reply
    standing = (await ctx.reports.rows.standings()).get(report.name)
    slot = Slot(report=report.name, at=ctx.now(), due_at=ctx.now())
    # What a report said last is what its owner saw: the differences would tell others of hidden clusters.
    is_owner = report.setting.owner == ctx.invocation.actor.member
    is_shown = is_owner or sees_everything(ctx)
    results = await ctx.reports.rows.results(report.name) if is_shown else []
    history = ResultHistory(results, ctx.reports.make_provenance(report, ctx.policy.scope(ctx.request)))
    message = build_message(report, slot, reply, history, standing.muted if standing else ())
    parts = [each for part in _join_parts(message) for each in _make_harmless(part)]
    return Reply(
        message.top.title,
        (*parts, Note(f"This is a preview. The report would be posted in {report.setting.channel}.")),
    )


def _join_parts(message: ReportMessage) -> tuple[Part, ...]:
    return (*message.top.parts, *(message.details.parts if message.details else ()))


def _make_harmless(part: Part) -> tuple[Part, ...]:
    """Replace mentions and drop buttons: a preview notifies nobody, wherever it is shared."""
    if isinstance(part, Mention):
        return (Note(f"It would mention {join_names(part.people)}."),)
    return () if isinstance(part, Choices) else (part,)
