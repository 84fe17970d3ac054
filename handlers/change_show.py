"""`/pg change show`: one change, everything that is known of it."""

from typing import Annotated

from pydantic import Field

from bot.changes.card import card
from bot.command import Arguments, Positional, command
from bot.context import Context
from bot.errors import NoSuchThing
from bot.parse import shown
from bot.reply import Fields, Reply, Table


class ChangeShowArguments(Arguments):
    """Which change."""

    change: Annotated[str, Positional(), Field(description="Id of the change, such as c-7kq2mf")]


@command(examples=("change show c-7kq2mf",))
async def change_show(args: ChangeShowArguments, ctx: Context) -> Reply:
    """Show a change: plan, decisions, how it goes."""
    record = await ctx.changes.find(args.change)
    if not ctx.may_see(record.plan.target.as_cluster()):
        raise NoSuchThing(
            f"There is no change {shown(args.change)}.", "“change list” shows those that you may see."
        )
    story = await ctx.changes.rows.milestones(record.id)
    lines = tuple((each.at, each.words) for each in story)
    facts = Fields(
        (
            ("State", record.state.value),
            ("Digest", record.digest[:16]),
            ("Policy", f"{record.policy} ({record.need.rule})"),
            ("Expires", record.expires_at if record.is_open else None),
            ("Started", record.started_at),
            ("Ended", record.ended_at),
            ("Made", record.made or None),
        )
    )
    reply = card(record)
    table = Table("Story", ("When", "What"), lines, name=f"{record.id}-story")
    return Reply(reply.title, (*reply.parts, facts, *([table] if lines else [])))
