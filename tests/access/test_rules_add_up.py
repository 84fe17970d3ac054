"""Whatever is renamed, copied, edited and voted: nothing is sent that a rule holds which ever covered it.

The model judges by itself: names by `fnmatch`, votes by trying every assignment, all rules that ever decided.
"""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from unicodedata import normalize

from example_counts import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from quorum_kit import most_approvals
from stored_changes import StoredChanges

from bot.access.policy import Policy
from bot.changes import transitions
from bot.changes.record import ChangeState, DecisionKind
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import Api
from bot.domain.errors import PgbotError
from bot.domain.plan import CopySource, Harm, Plan, PlanTarget
from bot.settings.model import Settings

ROOM = StoredChanges(Path())
PEOPLE = {"dba": ["ann", "ben"], "dev": ["ann", "cid"], "boss": ["dot", "ben"]}
PATTERNS = [None, "*prod*", "*prod*", "orders*", "scratch*"]
NAMES = ["orders-prod", "orders-old", "scratch-1", "prod"]
SPELLINGS = [str.lower, str.upper, str.title, lambda text: normalize("NFD", text.replace("o", "ｏ"))]
COMMANDS = ["cluster delete", "cluster resize", "cluster rename", "cluster create"]
HARM = {"cluster delete": Harm.DESTRUCTIVE}

rules = st.fixed_dictionaries(
    {
        "changes": st.sampled_from([["*"], ["cluster delete"], ["cluster [dr]e*"], ["cluster create"]]),
        "need": st.sampled_from([*["approval"] * 4, "none", "confirm", "type the name"]),
        "name": st.sampled_from(PATTERNS),
        "roles": st.sampled_from([{"dba": 1}, {"dba": 2}, {"dev": 1}, {"boss": 1}, {"dba": 1, "boss": 1}]),
        "own_vote": st.booleans(),
    }
)
PEOPLE_WHO_VOTE = ["ann", "ben", "cid", "dot"]
voters = st.sampled_from(
    [PEOPLE_WHO_VOTE, *([each] for each in PEOPLE_WHO_VOTE), ["ann", "ben"], ["cid", "dot"]]
)


@dataclass
class Held:
    """A change, and every condition that the model wants satisfied before it is sent."""

    record: object
    wanted: list = field(default_factory=list)


class AddingUp(RuleBasedStateMachine):
    """One cluster under many names, its copies, rules that are edited, and four people."""

    @initialize(given=st.lists(rules, max_size=4), name=st.sampled_from(NAMES))
    def begin(self, given, name):
        self.rules, self.names, self.changes = given, [name], []

    # The settings

    @rule(new=rules)
    def add_a_rule_before_the_others(self, new):
        self.rules = [new, *self.rules]

    @rule(at=st.integers(0, 9), new=rules)
    def change_a_rule(self, at, new):
        if self.rules:
            self.rules[at % len(self.rules)] = new

    # The cluster

    @rule(name=st.sampled_from(NAMES), spell=st.sampled_from(SPELLINGS))
    def rename_it_elsewhere(self, name, spell):
        self.names.append(spell(name))

    @rule(command=st.sampled_from(COMMANDS), who=st.sampled_from(PEOPLE_WHO_VOTE), to=st.sampled_from(NAMES))
    def propose(self, command, who, to):
        plan = self.plan(command, to)
        need = self.policy().need(plan, self.former())
        record = replace(ROOM.record("1", need, who), plan=plan, digest=plan.digest())
        self.changes.append(Held(record, self.wanted(plan)))

    def plan(self, command, to):
        target = self.target(self.names[-1])
        plan = Plan(
            command=command,
            arguments={},
            target=target,
            action=command,
            harm=HARM.get(command, Harm.NOTICED),
            becomes=self.target(to) if command == "cluster rename" else None,
        )
        if command != "cluster create":
            return plan
        source = CopySource(**dict(target))
        return plan.model_copy(
            update={"source": source, "target": target.model_copy(update={"id": "", "name": to})}
        )

    def target(self, name):
        return PlanTarget(id="1", name=name, api=Api.V1, contract="shop", region="de/txl")

    def former(self):
        return {"1": [self.target(each) for each in self.names[:-1]]}

    def policy(self):
        made = [
            {
                "changes": each["changes"],
                "need": each["need"],
                "own_vote": each["own_vote"],
                **({"roles": each["roles"]} if each["need"] == RequirementKind.APPROVAL else {}),
                **({"clusters": [{"name": each["name"]}]} if each["name"] else {}),
            }
            for each in self.rules
        ]
        return Policy(Settings.model_validate({"people": PEOPLE, "approvals": {"rules": made}}))

    # People

    @rule(at=st.integers(0, 9), who=st.sampled_from(PEOPLE_WHO_VOTE))
    def approve(self, at, who):
        self.decide(at, lambda record: transitions.approve(record, self.voter(record, who)))

    @rule(at=st.integers(0, 9))
    def confirm(self, at):
        self.decide(
            at,
            lambda record: transitions.confirm(
                record, self.voter(record, record.requester.id), name=record.plan.target.called.casefold()
            ),
        )

    def voter(self, record, who):
        roles = frozenset(role for role, members in PEOPLE.items() if who in members)
        return replace(ROOM.voter("eve"), id=who, name=who, roles=roles)

    def decide(self, at, act):
        if not self.changes:
            return
        held = self.changes[at % len(self.changes)]
        try:
            step = act(held.record)
        except PgbotError:
            return
        state = step.fields.get("state", held.record.state)
        held.record = replace(
            held.record, votes=(*held.record.votes, step.vote), state=ChangeState(state), version=2
        )

    @rule(
        command=st.sampled_from(COMMANDS),
        who=st.sampled_from(PEOPLE_WHO_VOTE),
        to=st.sampled_from(NAMES),
        voters=voters,
    )
    def propose_decide_and_send(self, command, who, to, voters):
        """Do it all at once, so that few steps are enough to find what is wrong."""
        self.propose(command, who, to)
        at = len(self.changes) - 1
        self.confirm(at)
        for each in voters:
            self.approve(at, each)
        self.take_its_turn(at)

    @rule(at=st.integers(0, 9))
    def take_its_turn(self, at):
        """Judge an approved change as right before it is sent: it is sent, or a new one supersedes it."""
        if not self.changes:
            return
        held = self.changes[at % len(self.changes)]
        record = held.record
        if record.state is not ChangeState.APPROVED and record.need.kind is not RequirementKind.NONE:
            return
        now = self.plan(record.plan.command, (record.plan.becomes or record.plan.target).name)
        held.wanted += self.wanted(now)
        both = record.need.union(self.policy().need(now, self.former()))
        if record.plan.is_still(now) and both.kind is record.need.kind and not record.missing_roles(both):
            self.changes.remove(held)
            self.require(held)
            if now.becomes is not None:
                self.names.append(now.becomes.name)
            return
        held.record = replace(
            record, plan=now, digest=now.digest(), need=both, votes=(), state=ChangeState.PROPOSED
        )

    # The model

    def wanted(self, plan):
        """Return the conditions of the rules that decide today, under every name that the cluster had."""
        names = [*self.names, *([plan.target.name] if plan.source else [])]
        found = []
        for name in names:
            first = next((each for each in self.rules if self.decides(each, plan.command, name)), None)
            found += [first] if first else self.unmatched(plan)
        if plan.becomes is not None:
            found += [{**each, "own_vote": False} for each in self.left(plan)]
        return found

    def unmatched(self, plan):
        level = RequirementKind.NAME if plan.harm is Harm.DESTRUCTIVE else RequirementKind.CONFIRM
        every = [each for each in self.rules if self.is_for(each, plan.command)]
        return [{"need": level}, *(every if plan.harm is Harm.DESTRUCTIVE else [])]

    def left(self, plan):
        now, then = (
            {n for n, each in enumerate(self.rules) if self.covers(each, name)}
            for name in (self.names[-1], plan.becomes.name)
        )
        return [self.rules[n] for n in now - then]

    def decides(self, each, command, name):
        return self.is_for(each, command) and self.covers(each, name)

    def is_for(self, each, command):
        return any(fnmatchcase(command, pattern) for pattern in each["changes"])

    def covers(self, each, name):
        return each["name"] is None or fnmatchcase(normalize("NFKC", name).lower(), each["name"])

    def require(self, held):
        record = held.record
        words = {vote.word for vote in record.votes}
        others = {v.voter for v in record.votes if v.word is DecisionKind.APPROVE} - {record.requester.id}
        for each in held.wanted:
            if each["need"] == RequirementKind.APPROVAL:
                own = each["own_vote"] and record.plan.harm is not Harm.DESTRUCTIVE
                roles = [
                    self.voter(record, vote.voter).roles
                    for vote in record.votes
                    if vote.word is DecisionKind.APPROVE and (own or vote.voter != record.requester.id)
                ]
                assert most_approvals(each["roles"], roles) == sum(each["roles"].values()), (each, record)
            elif each["need"] == RequirementKind.NAME:
                assert DecisionKind.CONFIRM in words or others, (each, record)
            elif each["need"] == RequirementKind.CONFIRM:
                assert words, (each, record)


def test_nothing_is_sent_that_a_rule_holds():
    run_state_machine_as_test(
        AddingUp, settings=settings(max_examples=examples(40, 100), stateful_step_count=14)
    )
