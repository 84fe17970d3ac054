"""`/pg audit witness`: what IONOS recorded of each cluster, held against what the bot recorded of itself."""

import asyncio
from datetime import datetime

from bot.audit.vendor_comparison import VendorComparison, actions_in, compare
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.domain.cluster import Cluster
from bot.domain.phrases import format_count
from bot.domain.reply import Note, Part, Reply, Table, Text, warn_of_gaps
from bot.domain.times import format_ago
from handlers.shared.list_titles import NO_CLUSTERS, UNREAD, describe_gaps, title_no_clusters


@command(examples=("audit witness",))
async def audit_witness(_args: Arguments, ctx: Context) -> Reply:
    """Find changes made outside the bot, according to IONOS's records.

    It compares the audit log with the last change that IONOS recorded for each cluster. It also lists
    requests of the bot that IONOS has no record of. IONOS keeps only the last change of a cluster, so earlier
    changes can't be compared, nor changes within an hour after one of the bot's.
    """
    listing, rows, begins = await asyncio.gather(
        ctx.clusters(), ctx.audit.sent_requests(), ctx.audit.beginning()
    )
    now = ctx.now()
    found = compare(listing.items, actions_in(rows), begins or now, now)
    parts: list[Part] = [*_show_outside_changes(found, now), *_show_untraced(found, listing.items)]
    if not parts and listing.items:
        parts.append(Text("No differences found."))
    parts += warn_of_gaps(listing.gaps)
    if found.silent:
        parts.append(Note(f"IONOS gives no time of change for {format_count(found.silent, 'cluster')}."))
    if not listing.items:
        parts.append(Text(UNREAD if listing.gaps else NO_CLUSTERS))
        return Reply(title_no_clusters(listing.gaps), tuple(parts), ok=not listing.gaps)
    return Reply(f"{_make_title(found)}{describe_gaps(listing.gaps)}", tuple(parts))


def _make_title(found: VendorComparison) -> str:
    looked = format_count(found.compared, "cluster")
    if not found.around and not found.untraced:
        return f"{looked} compared: both records agree"
    return (
        f"{looked} compared: {len(found.around)} changed outside the bot, "
        f"{len(found.untraced)} not recorded by IONOS"
    )


def _show_outside_changes(found: VendorComparison, now: datetime) -> list[Part]:
    if not found.around:
        return []
    columns = ("Cluster", "Change", "When", "Age", "By")
    rows = tuple(
        (each.cluster.name, each.what, each.at, format_ago(each.at, now), each.by) for each in found.around
    )
    return [Table("Changed outside the bot", columns, rows, name="around-the-bot")]


def _show_untraced(found: VendorComparison, clusters: tuple[Cluster, ...]) -> list[Part]:
    if not found.untraced:
        return []
    names = {each.id: each.name for each in clusters}
    columns = ("Entry", "When", "Cluster", "Request", "Problem", "Trace")
    rows = tuple(
        (
            each.action.row.seq,
            each.action.row.at,
            names[each.action.cluster],
            f"{each.action.method} {each.action.path}",
            each.why,
            each.action.row.trace,
        )
        for each in found.untraced
    )
    return [Table("Not recorded by IONOS", columns, rows, name="without-trace")]
