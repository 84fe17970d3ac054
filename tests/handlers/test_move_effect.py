"""Sentences of every kind of change on v1 about the move to v2, and the reasons of those without any."""

import json

import pytest
from change_requests import ALICE, BOB, ask
from every_command import COMMANDS, every_command_site
from every_command_lines import CHANNEL

from bot.changes.card import load_card
from bot.domain.reply import Note, Table, Warn
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio

ABOUT_THE_MOVE = ("move to v2", "for v2", "in v2", "Migration work", "under the same id")

SCRIPT = (
    "After the move to v2, this needs SQL: “{}” then writes a psql script ({}). This command uses v1, so the "
    "cluster’s clients count as “still on v1” for the next 90 days."
)
NEW_BACKUP = (
    "This temporarily adds work before the move to v2: The current backup is missing or not yet complete "
    "(PGR052), until the first base backup is there, about a minute after the cluster is AVAILABLE."
)
IS_NEW_BACKUP = {"PGR052": (None, "action")}

SAID = {
    "cluster create orders-new --api v1 --like orders-prod": (
        ["This adds a cluster that has to move to v2."],
        {"PGR000": (None, "info"), "PGR060": (None, "info")},
    ),
    "cluster create orders-new --api v1 --like orders-prod --address 10.208.1.4/24": (
        [
            "This blocks the cluster's move to v2: The primary's address is inside 10.208.0.0/12, which v2 "
            "forbids (PGR006).",
            "This adds a cluster that has to move to v2.",
        ],
        {"PGR006": (None, "blocker"), "PGR000": (None, "info"), "PGR060": (None, "info")},
    ),
    "cluster delete ledger-prod": (
        ["The cluster then no longer has to move to v2. Today it is blocked: PGR020."],
        {
            "PGR020": ("blocker", None),
            "PGR053": ("advice", None),
            "PGR090": ("advice", None),
            "PGR000": ("info", None),
            "PGR060": ("info", None),
        },
    ),
    "cluster network shop-staging --detach": (
        [
            "This blocks the cluster's move to v2: The cluster has no network connection, and v2 requires "
            "one (PGR005).",
            "After the move to v2, a cluster can’t be detached from its network. This command uses v1, so "
            "the cluster’s clients count as “still on v1” for the next 90 days.",
        ],
        {"PGR005": (None, "blocker")},
    ),
    "cluster pooler orders-prod session": (
        ["New for the move to v2: The connection pooler is on, and its v2 port is not documented (PGR070)."],
        {"PGR070": (None, "advice")},
    ),
    "cluster rename orders-prod orders_": (
        ["This adds a required action before the move to v2: v2 does not allow the name (PGR040)."],
        {"PGR040": (None, "action")},
    ),
    "cluster replication ledger-prod strictly-synchronous": (
        ["This resolves PGR020 for the move to v2: Replication mode SYNCHRONOUS does not exist in v2."],
        {"PGR020": ("blocker", None)},
    ),
    "cluster upgrade orders-prod 16": (
        [
            "New for the move to v2: Some backups are from an older PostgreSQL major version (PGR054).",
            NEW_BACKUP,
        ],
        {**IS_NEW_BACKUP, "PGR054": (None, "info")},
    ),
    "database create orders-prod orders_2027 --owner orders": (
        [SCRIPT.format("database create", "PGR103")],
        {},
    ),
    "database delete orders-prod orders_archive": ([SCRIPT.format("database delete", "PGR103")], {}),
    "restore orders-staging --to 2h": (
        [
            "Migration work in its databases after 2026-11-23 07:00:00 UTC will be undone. Run "
            "“pgbot precheck” again afterwards.",
            NEW_BACKUP,
        ],
        IS_NEW_BACKUP,
    ),
    "restore orders-staging --newest": ([NEW_BACKUP], IS_NEW_BACKUP),
    "restore orders-staging --backup {backup}": (
        [
            "After the move to v2, a restore in place needs only a time: v2 chooses the backup. This command "
            "uses v1, so the cluster’s clients count as “still on v1” for the next 90 days.",
            NEW_BACKUP,
        ],
        IS_NEW_BACKUP,
    ),
    "restore orders-staging --newest --into orders-staging-restored": (
        ["This adds a cluster that has to move to v2."],
        {"PGR000": (None, "info"), "PGR060": (None, "info")},
    ),
    "user create orders-prod orders_reporting_all --from env:ORDERS_REPORTING_PASSWORD": (
        [
            SCRIPT.format("user create", "PGR100"),
            "New for the move to v2: v2 does not accept a user's name in credentials (PGR101).",
        ],
        {"PGR101": (None, "advice")},
    ),
    "user delete orders-staging orders": (
        [
            SCRIPT.format("user delete", "PGR100"),
            "New for the move to v2: v2 accepts none of the user names in credentials (PGR102).",
            "New for the move to v2: A database's owner is not in the list of users (PGR105).",
        ],
        {"PGR102": (None, "advice"), "PGR105": (None, "info")},
    ),
    "user delete orders-prod orders_readonly": ([SCRIPT.format("user delete", "PGR100")], {}),
    "user password orders-prod orders --from env:ORDERS_REPORTING_PASSWORD": (
        [SCRIPT.format("user password", "PGR100")],
        {},
    ),
}
"""Lines, their sentences about the move, and the rules whose findings they change."""

QUIET = {
    "cluster maintenance orders-prod --day sunday --time 03:30": "one window is as good for v2 as another",
    "cluster resize orders-prod --ram 16": "both sizes are within v2's limits",
    "drill orders-prod": "its throw-away cluster is gone before any move, and it leaves the other alone",
}
"""Lines that say nothing of the move, and why that is right."""

NOT_ON_V1 = {"cluster logging"}


@pytest.fixture
async def table(tmp_path, monkeypatch):
    async with every_command_site(tmp_path, monkeypatch, clusters=21) as table:
        yield table


def sentences(reply):
    """Return what an answer says about the move, the warnings first."""
    said = [part.text for part in reply.parts if isinstance(part, Warn)]
    said += [part.text for part in reply.parts if isinstance(part, Note)]
    return [each for each in said if any(words in each for words in ABOUT_THE_MOVE)]


def test_every_change_of_v1_is_in_one_of_the_tables():
    lines = [" ".join(line.split()[:2]) for line in (*SAID, *QUIET)]
    held = {each.name for each in COMMANDS if each.change and any(_is_of(each, line) for line in lines)}

    assert held | NOT_ON_V1 == {each.name for each in COMMANDS if each.change}


def _is_of(command, line):
    return f"{line} ".startswith(f"{command.name} ")


async def test_every_change_of_v1_says_its_effect_and_gives_it_to_programs(table):
    backups = await table.terminal.run("backup list orders-staging", BOB, CHANNEL)
    [[backup, *_]] = next(part for part in backups.parts if isinstance(part, Table)).rows

    for line, (said, rules) in SAID.items():
        reply = await plan(table, line.format(backup=backup))
        found = effect_of(reply)["rules"]
        assert (line, sentences(reply)) == (line, said)
        assert (line, {each["rule"]: (each["before"], each["after"]) for each in found}) == (line, rules)
        assert all(each["title"] for each in found)
    for line in QUIET:
        reply = await plan(table, line)
        assert (line, sentences(reply)) == (line, [])
        assert effect_of(reply)["rules"] == []


def effect_of(reply):
    """Return the effect that programs read, of a plan or of a change."""
    data = json.loads(json.dumps(make_document(reply)))["data"]
    return (data.get("plan") or data["change"]["plan"])["readiness"]


async def plan(table, line):
    """Return the answer to a dry run: nothing is stored, so that the lines can share a site."""
    reply = await table.terminal.run(f"{line} --reason test --dry-run", BOB, CHANNEL)
    assert reply.ok, render_plain(reply)
    return reply


async def test_verdicts_before_and_after_are_in_json_with_what_is_undecided(table):
    detached = effect_of(await plan(table, "cluster network shop-staging --detach"))
    deleted = effect_of(await plan(table, "cluster delete ledger-prod"))
    made = effect_of(await plan(table, "cluster create orders-new --api v1 --like orders-prod"))

    assert (detached["before"], detached["after"]) == ("inconclusive", "blocked")
    assert (deleted["before"], deleted["after"], deleted["undecided"]) == ("blocked", None, [])
    assert (made["before"], made["after"], made["undecided"]) == (None, "inconclusive", ["PGR052"])


async def test_approvers_see_it_and_change_show_gives_it_to_programs(table):
    record = await ask(table.terminal, "restore orders-staging --to 2h", ALICE)
    card = await load_card(record, table.terminal.kernel.dispatcher.changes.rows)
    shown = await table.terminal.run(f"change show {record.id}", BOB, CHANNEL)

    undone, new_backup = SAID["restore orders-staging --to 2h"][0]
    assert sentences(card) == [undone]  # the other ends by itself, so that nobody decides by it
    assert sentences(shown) == [undone, new_backup]
    for reply in (card, shown):
        effect = effect_of(reply)
        assert effect["notes"] == [undone]
        assert effect["rules"] == [
            {
                "rule": "PGR052",
                "title": effect["rules"][0]["title"],
                "before": None,
                "after": "action",
                "waived_until": None,
            }
        ]


async def test_approvers_see_that_a_change_blocks_the_move(table):
    record = await ask(table.terminal, "cluster network shop-staging --detach --reason test", BOB)
    card = await load_card(record, table.terminal.kernel.dispatcher.changes.rows)

    assert sentences(card) == SAID["cluster network shop-staging --detach"][0]


async def test_a_change_on_v2_has_no_such_effect(table):
    reply = await plan(table, "cluster resize payments-prod --ram 32")

    assert sentences(reply) == []
    assert effect_of(reply) is None
