"""The life of changes under every order of words and events: a state machine that hypothesis drives."""

import asyncio
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from example_counts import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from quorum_kit import most_approvals
from stored_changes import NEEDS, OWN, VOTERS, StoredChanges

from bot.changes import transitions
from bot.changes.record import OPEN, ChangeState, DecisionKind
from bot.domain.approval_requirement import RequirementKind
from bot.domain.errors import PgbotError
from bot.domain.plan import Harm

HELD = {ChangeState.RUNNING, ChangeState.UNKNOWN}
voters = st.sampled_from(VOTERS)


class Lives(RuleBasedStateMachine):
    """Two clusters, five people, and a clock that moves on."""

    changes = Bundle("changes")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="pgbot-life-")
        self.loop = asyncio.new_event_loop()
        self.room = StoredChanges(Path(self.folder.name))
        self.run(self.room.open())
        self.seen = {}
        self.rows = 0

    def teardown(self):
        self.run(self.room.close())
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()

    def run(self, work):
        return self.loop.run_until_complete(work)

    def decide(self, change, act):
        """Let somebody decide; a refused decision changes nothing."""
        with suppress(PgbotError):
            self.run(self.room.rows.step(change, act))

    @rule(
        target=changes,
        cluster=st.sampled_from("ab"),
        need=st.sampled_from(NEEDS),
        who=voters,
        harm=st.sampled_from(Harm),
    )
    def propose(self, cluster, need, who, harm):
        return self.run(self.room.propose(cluster, need, who, harm))

    @rule(change=changes, who=voters, digest=st.sampled_from(["", "stale"]))
    def approve(self, change, who, digest):
        self.decide(change, lambda now: transitions.approve(now, self.room.voter(who), digest))

    @rule(target=changes, need=st.sampled_from(OWN), who=voters, harm=st.sampled_from(Harm))
    def propose_and_approve(self, need, who, harm):
        """Propose and approve as one and the same person."""
        change = self.run(self.room.propose("a", need, who, harm))
        self.decide(change, lambda now: transitions.approve(now, self.room.voter(who)))
        return change

    @rule(change=changes, who=voters)
    def take_back(self, change, who):
        self.decide(change, lambda now: transitions.take_back_approval(now, self.room.voter(who)))

    @rule(change=changes, who=voters)
    def deny(self, change, who):
        self.decide(change, lambda now: transitions.deny(now, self.room.voter(who), reason="no"))

    @rule(change=changes, who=voters)
    def withdraw(self, change, who):
        self.decide(change, lambda now: transitions.withdraw(now, self.room.voter(who)))

    @rule(change=changes, who=voters, name=st.sampled_from(["", "a", "b"]))
    def confirm(self, change, who, name):
        self.decide(change, lambda now: transitions.confirm(now, self.room.voter(who), name=name))

    @rule(change=changes, who=voters, name=st.sampled_from(["", "a", "b"]))
    def break_glass(self, change, who, name):
        self.decide(change, lambda now: transitions.break_glass(now, self.room.voter(who), name, "it burns"))

    @rule(change=changes, who=voters)
    def review(self, change, who):
        self.decide(change, lambda now: transitions.review(now, self.room.voter(who)))

    @rule(change=changes, who=voters, ran=st.booleans())
    def settle(self, change, who, ran):
        self.decide(change, lambda now: transitions.settle(now, self.room.voter(who), ran=ran))

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.room.now += timedelta(hours=hours)
        for change in list(self.seen):
            self.decide(change, lambda now: transitions.expire(now, self.room.now, "p1"))

    @rule(change=changes)
    def claim(self, change):
        """Claim the turn as the scheduler does, even if it skipped the cluster's other changes."""
        self.run(self.room.run_log.claim(self.run(self.room.run_log.get_change(change))))

    @rule(change=changes)
    def arm(self, change):
        armed = self.run(self.room.arm(change))
        assert armed <= (change not in self.room.armed)
        self.room.armed |= {change} if armed else set()

    @rule(change=changes, ending=st.sampled_from(["done", "failed", "differs", "unknown", "stopped"]))
    def end(self, change, ending):
        self.run(self.room.end(change, ending))

    @invariant()
    def holds(self):
        now = {record.id: record for record in self.run(self.room.all())}
        steps = 0
        for change, record in now.items():
            before = self.seen.get(change)
            steps += record.version - (before.version if before else 0)
            assert before is None or record == before or record.version == before.version + 1
            if before is not None and before.state not in OPEN:
                assert record.state is before.state
                assert record.result == before.result
            assert _may_own(record) or record.requester.id not in {vote.voter for vote in record.approvals}
            if record.state in HELD and (before is None or before.state not in HELD):
                assert _was_allowed(record)
        for cluster in "ab":
            assert sum(each.state in HELD for each in now.values() if each.plan.target.id == cluster) <= 1
        rows = self.run(self.room.audit_rows())
        assert rows - self.rows == steps
        self.seen, self.rows = now, rows


def _was_allowed(record):
    """Return whether its requirement is met: enough approvals, a confirmation, or break-glass."""
    words = {vote.word for vote in record.votes}
    if record.need.kind is RequirementKind.APPROVAL:
        return DecisionKind.OVERRIDE in words or all(_is_met(record, each) for each in record.need.approvals)
    return record.need.kind is RequirementKind.NONE or DecisionKind.CONFIRM in words


def _is_met(record, condition):
    """Return whether the people who may count for this condition are enough, by trying every assignment."""
    may = condition.own_vote and record.plan.harm is not Harm.DESTRUCTIVE
    roles = [
        vote.roles
        for vote in record.votes
        if vote.word is DecisionKind.APPROVE and (may or vote.voter != record.requester.id)
    ]
    return most_approvals(condition.roles, roles) == sum(condition.roles.values())


def _may_own(record):
    """Return whether the requester's own approval may count."""
    own = any(each.own_vote for each in record.need.approvals)
    return own and record.plan.harm is not Harm.DESTRUCTIVE


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=examples(10, 25), stateful_step_count=40)
