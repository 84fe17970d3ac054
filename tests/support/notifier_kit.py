"""The notifier of changes in front of a channel that may refuse."""

from dataclasses import replace

from change_requests import ALICE, BOB, CAROL

from bot.changes.notices import ApproverNames, Escalation
from bot.changes.notifications import AlarmNotifier, ChangeNotifier
from bot.changes.run_log import RunLog
from bot.domain.errors import SlackError
from bot.domain.request import AccountStatus


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


class Directory:
    """People and one user group, as Slack would tell them."""

    def __init__(self, members=frozenset({"U0CAROL"}), standings=None):
        self.members, self.standings = members, standings or {}

    async def members_of(self, _group):
        if self.members is None:
            raise SlackError("Slack does not answer.", code="fatal_error")
        return self.members

    async def actor(self, user, _team, *, certain=False):
        known = {each.person: each for each in (ALICE, BOB, CAROL)}.get(user, ALICE)
        standing = self.standings.get(user, AccountStatus.MEMBER)
        name = "" if standing is AccountStatus.UNKNOWN else known.name
        return replace(known, name=name, standing=standing)


def make_notifier(kernel, posts, directory=None):
    """Return the notifier as `serve` has it, with `posts` and `directory` in place of Slack."""

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
        approvers=ApproverNames(kernel.dispatcher.policy, directory),
    )
