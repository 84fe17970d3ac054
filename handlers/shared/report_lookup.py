"""The reports that somebody may know of: none whose command or reason names a cluster hidden from them."""

from bot.commands.context import Context
from bot.commands.parser import parse
from bot.domain.errors import InputError
from bot.reports.record import Report
from handlers.shared.audit_visibility import AuditVisibility, sees_everything


async def list_reports(ctx: Context) -> list[Report]:
    """Return those of app.yaml, then those made in Slack."""
    reports = await ctx.reports.all_reports()
    if sees_everything(ctx):
        return reports
    sight = await AuditVisibility.of(ctx)
    return [each for each in reports if _may_know(each, sight, ctx)]


async def list_report_names(ctx: Context) -> list[str]:
    """Return their names, for forms."""
    return sorted(each.name for each in await list_reports(ctx))


async def find_report(name: str, ctx: Context) -> Report:
    """Return a report by name. Raises NoSuchThing, in the same words for one that they may not know of."""
    return ctx.reports.find_report(name, await list_reports(ctx))


def _may_know(report: Report, sight: AuditVisibility, ctx: Context) -> bool:
    setting = report.setting
    if setting.owner == ctx.invocation.actor.member:
        return True
    if sight.gaps and _names_something(setting.command, ctx):
        return False
    return not sight.hidden.named_in(" ".join((setting.command, setting.reason, *setting.sections)))


def _names_something(command: str, ctx: Context) -> bool:
    """Return whether the command has arguments, since any of them may name a cluster."""
    try:
        arguments = parse(command, ctx.registry).arguments
    except InputError:
        return True
    return arguments.model_fields_set != set()
