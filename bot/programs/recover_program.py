"""`pgbot recover`: a person goes on with older data, after a look at what is lost."""

import argparse
from collections.abc import Sequence

from bot.audit.anchor_check import AnchorFinding
from bot.audit.lineage_store import DataAnchor
from bot.changes.record import OPEN
from bot.changes.store import ChangeRows
from bot.domain.error_codes import ExitCode
from bot.domain.errors import InputError
from bot.domain.phrases import format_count
from bot.programs.accept_program import StoppedData, open_stopped_data
from bot.programs.command_line import say

MINUTE = "%Y-%m-%d %H:%M UTC"
WHY = (
    "The bot continued with older data, and this change may have run already. Check the cluster, then "
    "request it again"
)


async def run(args: argparse.Namespace) -> int:
    """Show what is lost; with a reason, go on from here.

    Raises ConfigError while the bot runs, and StoreError.
    """
    if args.reason is not None and not args.reason.strip():
        raise InputError("The reason is empty.", "Give a reason with --reason.")
    async with open_stopped_data(args, accepts_loss=True, only_reads=args.dry_run) as data:
        findings = await data.compare()
        wrong = await data.find_wrong(findings)
        if not wrong:
            say("The data matches its anchors. There is nothing to recover.")
            return ExitCode.OK
        say(*wrong, *await _describe_loss(data, findings), *await _describe_open(data))
        if args.dry_run:
            say("Nothing was changed. To continue from here, run “pgbot recover --reason …”.")
            return ExitCode.OK
        return await data.accept(wrong, args.reason, WHY)


async def _describe_loss(data: StoppedData, findings: Sequence[AnchorFinding]) -> list[str]:
    """Return sentences about what the newest anchor knows of and the data lack."""
    anchors = sorted((each for found in findings for each in found.anchors), key=lambda each: each.seq)
    head, rows, said = await data.audit.head(), ChangeRows(data.database, data.audit), []
    last = head[0] if head else 0
    for newest in anchors[-1:]:
        if newest.seq > last:
            lost = format_count(newest.seq - last, "row")
            said.append(
                f"Lost: {lost} of the audit log and everything they record, up to {newest.at:{MINUTE}}."
            )
        change, sent = (newest.change, newest.sent) if isinstance(newest, DataAnchor) else ("", "")
        if change and await rows.get(change) is None:
            said.append(f"The latest change, {change}, is missing from this data.")
        if sent and await rows.attempt(sent) is None:
            said.append(f"{sent} was sent to the cloud, but this data does not show it. Check its cluster.")
    return said


async def _describe_open(data: StoppedData) -> list[str]:
    """Return a sentence about each change that is not over."""
    rows = ChangeRows(data.database, data.audit)
    return [
        f"{each.id}, {each.state.value}: {each.plan.action}. "
        + ("It ends. Request it again." if each.is_unsent else "It was sent, and pgbot follows it.")
        for each in await rows.in_states(OPEN)
    ]
