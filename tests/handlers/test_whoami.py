"""`whoami`: every id that the maintainer of app.yaml needs."""

from dataclasses import replace

import pytest
from terminal_site import OPERATOR

from bot.domain.command_info import CommandEffect
from bot.domain.reply_document import make_document
from bot.domain.request import AccountStatus, Origin

pytestmark = pytest.mark.anyio


async def test_a_person_sees_ids_roles_and_groups(terminal, fields):
    bob = replace(
        OPERATOR, origin=Origin.SLACK, id="U0BOB", name="bob", team="T0DEMO", groups=frozenset({"S0DBA"})
    )

    reply = await terminal.run("whoami", bob, "C0OPS")

    shown = fields(reply)

    assert (shown["Known as"], shown["Workspace"], shown["Channel"]) == ("slack:U0BOB", "T0DEMO", "C0OPS")
    assert shown["Roles"] == "bob, dba, everyone"
    assert shown["User groups"] == "S0DBA"
    data = make_document(reply)["data"]
    assert (data["id"], data["member"], data["roles"]) == ("U0BOB", "U0BOB", ["bob", "dba", "everyone"])
    assert shown["Commands you may run here"] == len(list(terminal.kernel.dispatcher.registry))


async def test_a_guest_sees_that_they_are_one(terminal, fields):
    guest = replace(OPERATOR, origin=Origin.SLACK, id="U0GUEST", standing=AccountStatus.GUEST)

    shown = fields(await terminal.run("whoami", guest))

    assert (shown["Account"], shown["Roles"], shown["Commands you may run here"]) == (
        "guest",
        None,
        sum(
            each.open_to_all and each.effect is CommandEffect.READ
            for each in terminal.kernel.dispatcher.registry
        ),
    )


async def test_the_terminal_is_a_user_of_the_machine(terminal, fields):
    assert fields(await terminal.run("whoami"))["Known as"] == "os:olga"
