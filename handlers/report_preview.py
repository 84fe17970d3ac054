"""`/pg report preview`: what a report would say now, shown to you alone."""

from dataclasses import dataclass, replace
from typing import Any

from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.commands.parser import parse
from bot.commands.run import run_command
from bot.domain.phrases import join_names
from bot.domain.reply import Choices, Mention, Note, Part, Reply
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.result import CommandResult
from bot.reports.message import build_message
from bot.reports.record import ResultHistory, Slot
from handlers.shared.audit_visibility import sees_everything
from handlers.shared.report_view import ReportArguments, ReportView, find_report, read_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPreview(CommandResult):
    """A report's message and thread as they would be posted now. `answer` is the data of the command that it
    runs, `answer_schema` their schema."""

    report: ReportView
    title: str
    text: str
    answer_schema: str
    answer: dict[str, Any]


@returns(ReportPreview)
@command(examples=("report preview morning",))
async def report_preview(args: ReportArguments, ctx: Context) -> Reply:
    """Preview a report as it would look now, without posting it.

    The preview covers the clusters that you may see, and has message and thread together. It is not stored,
    so the next run still shows what changed since the last one.
    """
    report = await find_report(args.report, ctx)
    ctx.reports.check_setting(report.setting, from_file=report.is_from_file)
    view = await read_report(report, ctx)
    parsed = parse(report.setting.command, ctx.registry)
    ctx = ctx.for_command(parsed.command.name)
    if parsed.command.change is not None:
        parsed = replace(parsed, flags=replace(parsed.flags, dry_run=True))
    reply = await run_command(parsed, ctx)
    if parsed.command.change is not None or not reply.ok:
        return _add_result(reply, reply, view)
    standing = (await ctx.reports.rows.standings()).get(report.name)
    slot = Slot(report=report.name, at=ctx.now(), due_at=ctx.now())
    # What a report said last is what its owner saw: the differences would tell others of hidden clusters.
    is_owner = report.setting.owner == ctx.invocation.actor.member
    is_shown = is_owner or sees_everything(ctx)
    results = await ctx.reports.rows.results(report.name) if is_shown else []
    history = ResultHistory(results, ctx.reports.make_provenance(report, ctx.policy.scope(ctx.request)))
    message = build_message(report, slot, reply, history, standing.muted if standing else ())
    sent = (*message.top.parts, *(message.details.parts if message.details else ()))
    parts = [each for part in sent for each in _make_harmless(part)]
    note = Note(f"This is a preview. The report would be posted in {report.setting.channel}.")
    return _add_result(Reply(message.top.title, (*parts, note)), reply, view)


def _add_result(shown: Reply, reply: Reply, view: ReportView) -> Reply:
    """Return what is shown with the result: `reply` is that of the report's command."""
    document = make_document(reply)
    result = ReportPreview(
        report=view,
        title=shown.title,
        text=render_plain(shown),
        answer_schema=document["schema"],
        answer=document["data"],
    )
    return replace(shown, result=result)


def _make_harmless(part: Part) -> tuple[Part, ...]:
    """Replace mentions and drop buttons: a preview notifies nobody, wherever it is shared."""
    if isinstance(part, Mention):
        return (Note(f"It would mention {join_names(part.people)}."),)
    return () if isinstance(part, Choices) else (part,)
