"""Random rules, edits of app.yaml, renames, copies, votes and forgeries: nothing leaves before all rules are
met."""

import asyncio
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from authority_site import DESTRUCTIVE, PEOPLE, AuthoritySite
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

PROD = [{"name": "*prod*"}]
RULES = (
    {"changes": ["cluster rename"], "roles": {"developer": 1}},
    {"changes": ["restore", "cluster delete", "cluster create"], "clusters": PROD, "roles": {"dba": 1}},
    {"changes": ["*"], "clusters": PROD, "roles": {"developer": 1, "dba": 1}},
    {"changes": ["cluster delete"], "clusters": [{"name": "ORDERS*"}], "roles": {"lead": 1}},
    {"changes": ["cluster *"], "roles": {"developer": 1}, "own_vote": True},
    {"changes": ["restore"], "roles": {"dba": 2}},
    {"changes": ["*"], "need": "confirm"},
)
NAMES = ("orders-prod", "orders-old", "tidy", "Inventory-PROD", "orders-prod-restored", "kept-restored")
COMMANDS = ("cluster rename", "cluster delete", "restore", "cluster create")

USUAL = [RULES[0], RULES[1], RULES[6]]
OWN_VOTE = [RULES[4], RULES[1], RULES[6]]
rule_lists = st.sampled_from([USUAL, OWN_VOTE]) | st.lists(
    st.sampled_from(RULES), min_size=1, max_size=4, unique_by=str
)
people, names = st.sampled_from(PEOPLE), st.sampled_from(NAMES)


class OneTask:
    """Runs one coroutine after the other in the same task: what one opens, another can close."""

    def __init__(self):
        self.runner = asyncio.Runner()
        self.loop = self.runner.get_loop()
        self.queue = asyncio.Queue()
        self.task = self.loop.create_task(self._work())

    async def _work(self):
        while True:
            work, done = await self.queue.get()
            try:
                done.set_result(await work)
            except BaseException as error:  # noqa: BLE001 - it is raised by run
                done.set_exception(error)

    def run(self, work):
        done = self.loop.create_future()
        self.queue.put_nowait((work, done))
        return self.loop.run_until_complete(done)

    def close(self):
        self.task.cancel()
        self.runner.close()


class Authority(RuleBasedStateMachine):
    """Three clusters, five people in Slack and at the terminal, and somebody who writes the file."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="pgbot-authority-")
        self.runner, self.patch = OneTask(), pytest.MonkeyPatch()
        self.site, self.changes = None, []

    def teardown(self):
        if self.site is not None:
            self.runner.run(self.site.close())
        self.runner.close()
        self.patch.undo()
        self.folder.cleanup()

    @initialize(rules=rule_lists, past=st.lists(st.tuples(st.integers(0, 2), names), max_size=2))
    def start(self, rules, past):
        """Start with these rules. Everybody has approved a few renames already."""
        self.site = AuthoritySite(Path(self.folder.name), self.patch)
        self.runner.run(self.site.use(rules))
        for at, name in past:
            self._propose("ann", "cluster rename", at, name, voters=PEOPLE)

    @rule(
        who=people,
        command=st.sampled_from(COMMANDS),
        at=st.integers(0, 3),
        name=names,
        slack=st.booleans(),
        voters=st.sets(people, max_size=4),
        forged=st.sampled_from(["", "", "", "approved", "need"]),
    )
    def propose(self, *, who, command, at, name, slack, voters, forged):
        """Request a change, let people approve it or somebody forge that, and give it its turn."""
        self._propose(who, command, at, name, slack=slack, voters=voters, forged=forged)

    @rule(who=people, command=st.sampled_from(sorted(DESTRUCTIVE)), at=st.integers(0, 2), own=st.booleans())
    def take_data(self, who, command, at, own):
        """Request what loses data, with no approval but perhaps the requester's own."""
        self._propose(who, command, at, voters=[who] * own)

    def _propose(self, who, command, at, name="", *, slack=True, voters=(), forged=""):
        clusters = self.site.clusters()
        if not clusters:
            return  # all were deleted
        cluster = clusters[at % len(clusters)]
        change = self.runner.run(self.site.propose(who, command, cluster, name, slack=slack))
        if change is None:
            return
        self.changes.append(change)
        for voter in sorted(voters):
            self.runner.run(self.site.approve(change, voter))
        self.runner.run(self.site.confirm(change, cluster.name))
        if forged:
            self.site.forge(change, forged, who)
        self.run_due()

    @precondition(lambda self: self.changes)
    @rule(at=st.integers(0, 9), who=people, slack=st.booleans(), back=st.booleans())
    def vote(self, at, who, slack, back):
        change = self.changes[at % len(self.changes)]
        self.runner.run(self.site.approve(change, who, slack=slack, back=back))

    @rule(rules=rule_lists)
    def edit(self, rules):
        """Edit app.yaml, and start again."""
        self.runner.run(self.site.use(rules))

    @rule(days=st.sampled_from([0.1, 0.1, 3, 31]))
    def time_passes(self, days):
        self.site.clock.advance(timedelta(days=days))

    @precondition(lambda self: self.changes)
    @rule(
        at=st.integers(0, 9),
        who=people,
        kind=st.sampled_from(["approved", "vote", "need", "requester", "names"]),
    )
    def forge(self, at, who, kind):
        change = self.changes[at % len(self.changes)]
        self.site.forge(change, kind, who)

    @rule()
    def run_due(self):
        for asked, names in self.runner.run(self.site.run_due()):
            assert self.site.unmet(asked, names) == []


def play(sequences):
    # Each step may start a bot, so that shrinking would take minutes.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    run_state_machine_as_test(
        Authority,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=8,
            phases=phases,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_nothing_leaves_before_every_rule_is_met():
    play(60)


@pytest.mark.soak
def test_nothing_leaves_before_every_rule_is_met_in_ten_thousand_sequences():
    play(10 * int(os.environ.get("SOAK_RUNS", "1000")))
