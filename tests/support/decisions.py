"""People of the demo at the terminal, who ask for changes and decide about them without Slack."""

from bot.domain import Actor, Origin, Standing


def person(slack_id, name, **more):
    """A Slack person who sits at the terminal; user groups are not known there."""
    return Actor(origin=Origin.TERMINAL, id=name, name=name, team="T0DEMO", person=slack_id, **more)


ALICE = person("U0ALICE", "alice")
BOB = person("U0BOB", "bob")
CAROL = person("U0CAROL", "carol", groups=frozenset({"S0DBA"}))
VERA = person("U0VERA", "vera")
GUEST = person("U0GUEST", "gus", standing=Standing.GUEST)
NOBODY = Actor(origin=Origin.TERMINAL, id="olga", name="olga")

PROD = 'restore orders-prod --to 2h --reason "bad deploy"'
"""Needs two of dba."""

STAGING = "restore orders-staging --to 2h"
"""Needs one of dba."""

TEST = "cluster rename orders-staging orders-stage"
"""Needs a confirmation."""


async def ask(terminal, line=PROD, actor=ALICE):
    """Ask for a change; the record that was kept."""
    rows = terminal.kernel.dispatcher.changes.rows
    known = {each.id for each in await rows.latest()}
    reply = await terminal.run(line, actor)
    assert reply.ok, reply
    [record] = [each for each in await rows.latest() if each.id not in known]
    return record


async def now(terminal, record):
    """The change as it is now."""
    return await terminal.kernel.dispatcher.changes.rows.get(record.id)


async def decisions(terminal, record):
    """The outcomes in the audit that are about this change, oldest first."""
    rows = await terminal.audit()
    return [row["outcome"] for row in rows if row["change"] == record.id and row["kind"] == "decision"]
