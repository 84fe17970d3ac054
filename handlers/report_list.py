"""`/pg report list`: the reports there are, and when they come."""

from bot.command import Arguments, command
from bot.context import Context
from bot.reply import Cell, Note, Reply, Table, Text
from bot.reports.message import local
from bot.reports.record import Report, Slot, Standing
from bot.wording import counted


@command(examples=("report list",))
async def report_list(_args: Arguments, ctx: Context) -> Reply:
    """List scheduled reports: when each comes, where, and how the last one went."""
    found = await ctx.reports.all()
    if not found:
        return Reply(
            "There are no reports", (Text("“report add” makes one; reports in app.yaml are others."),)
        )
    standings, last = await ctx.reports.rows.standings(), await ctx.reports.rows.last_slots()
    rows = tuple(
        _row(each, standings.get(each.name) or Standing(name=each.name), last.get(each.name), ctx)
        for each in found
    )
    columns = ("Name", "Command", "When", "Zone", "Channel", "Next", "Last", "Owner", "From")
    note = Note("“report show” with a name says everything about one.")
    return Reply(counted(len(rows), "report"), (Table("Reports", columns, rows, name="reports"), note))


def _row(report: Report, standing: Standing, last: Slot | None, ctx: Context) -> tuple[Cell, ...]:
    setting = report.setting
    upcoming = ctx.reports.next_times(setting)
    next_time = local(report, upcoming[0]) if upcoming else None
    return (
        report.name,
        setting.command,
        setting.when,
        setting.zone,
        setting.channel,
        standing.why_not(ctx.now()) or next_time,
        f"{last.state} {local(report, last.at)}" if last else None,
        setting.owner,
        "app.yaml" if report.is_from_file else "Slack",
    )
