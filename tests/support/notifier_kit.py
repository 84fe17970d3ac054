"""The notifier of changes in front of a channel that may refuse."""

from bot.changes.alarm_notifier import AlarmNotifier
from bot.changes.approver_names import ApproverNames
from bot.changes.notices import Escalation
from bot.changes.notifications import ChangeNotifier
from bot.changes.run_log import RunLog


async def post_all(notifier):
    """Post everything that is due."""
    await notifier.post_all(urgent=True)
    await notifier.post_all(urgent=False)


def make_alarm_notifier(kernel, posts):
    settings = kernel.setup.settings
    return AlarmNotifier(
        rows=kernel.dispatcher.changes.rows,
        escalation=Escalation(posts, settings),
        settings=settings,
        clock=kernel.clock,
        lineage=kernel.lineage.rows,
    )


def make_notifier(kernel, posts):
    """Return the notifier as `serve` has it, with `posts` in place of Slack."""

    async def anew(record, plan):
        raise AssertionError(record.plan.differences(plan))

    run_log = RunLog(
        rows=kernel.dispatcher.changes.rows, clock=kernel.clock, propose_again=anew, wake=lambda: None
    )
    settings = kernel.setup.settings
    return ChangeNotifier(
        run_log=run_log,
        escalation=Escalation(posts, settings),
        settings=settings,
        approvers=ApproverNames(kernel.dispatcher.policy),
    )
