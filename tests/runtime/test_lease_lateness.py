"""Calls of the lease that reach Slack late, after their bot has given up on them or is dead."""

from contextlib import asynccontextmanager
from functools import partial
from types import SimpleNamespace

import pytest
from lease_kit import World
from slack_sdk.errors import SlackApiError

from bot.runtime.lease_times import TERM

pytestmark = pytest.mark.anyio

LATE = 30.0
"""Seconds; the client has given up after ten."""


@asynccontextmanager
async def world(machines):
    """Open a world of bots that have started; the first one holds. Each step checks that no two may send."""
    made = World(machines)
    try:
        for each in made.machines:
            each.start()
            await made.wait(2)
        await made.wait(20)
        yield made
    finally:
        await made.close()


async def watch(here, machine, seconds):
    """Let time pass while a bot looks every second whether it may have the lease."""
    for _ in range(int(seconds)):
        here.begin(machine.lease.turn())
        await here.step()


def replace_call(machine, name, call):
    """Have `call` decide about each call of this method; it is given the method and the arguments."""
    method = getattr(machine.network, name)

    async def called(**arguments):
        return await call(method, arguments)

    called.__name__ = name
    setattr(machine.network, name, called)


async def arrive_late(here, machine, work):
    """Let a call reach Slack late; its bot gets no answer."""

    async def late():
        await here.base.sleep(LATE)
        work()

    here.begin(late())
    await machine.clock.sleep(10)
    raise TimeoutError


async def test_a_removal_that_slack_limits_first_makes_no_third_bot_send_too_early():
    async with world(3) as here:
        one, two, three = here.machines
        calls = []

        async def remove(method, arguments):
            calls.append(arguments)
            if len(calls) <= 2:
                limited = {"ok": False, "error": "ratelimited"}
                raise SlackApiError(
                    "x", SimpleNamespace(status_code=429, headers={"Retry-After": "60"}, data=limited)
                )
            answer = await method(**arguments)
            one.network.is_away = True
            return answer

        replace_call(two, "chat_delete", remove)
        here.begin(two.lease.take_over())
        while len(calls) < 3:
            await here.step()
        two.kill()
        await watch(here, three, 4 * TERM)

        assert here.holders == ["web-3"]


async def test_an_extension_that_arrives_late_does_not_end_the_claim_before_its_holder_knows():
    async with world(2) as here:
        one, two = here.machines
        extended = []

        async def extend(method, arguments):
            extended.append(here.base.monotonic())
            if len(extended) == 1:
                await arrive_late(
                    here, one, partial(here.channel.update, arguments["ts"], arguments["metadata"])
                )
            if extended[-1] < extended[0] + LATE - 6:
                raise OSError("no route")
            answer = await method(**arguments)
            one.network.is_away = True
            return answer

        replace_call(one, "chat_update", extend)
        await watch(here, two, 60 + 3 * TERM)

        assert (len(extended) > 2, here.holders) == (True, ["web-2"])
        assert here.channel.messages[two.lease.epoch]


async def test_a_restart_in_a_takeover_keeps_the_claim_that_keeps_others_away():
    async with world(3) as here:
        one, two, three = here.machines
        begun, removed = [], []

        def remove_late(stamp):
            removed.append(stamp)
            here.channel.delete(stamp)
            one.network.is_away = True

        async def remove(method, arguments):
            if begun:
                return await method(**arguments)
            begun.append(arguments)
            return await arrive_late(here, two, partial(remove_late, arguments["ts"]))

        async def read(method, arguments):
            if not removed:
                two.clock.awake.clear()  # paused right before its request leaves
            await two.clock.awake.wait()
            return await method(**arguments)

        replace_call(two, "chat_delete", remove)
        taking = here.begin(two.lease.take_over())
        while not begun:
            await here.step()
        two.kill()
        taking.cancel()
        await here.wait(2)
        replace_call(two, "conversations_history", read)
        two.start()
        while not removed:
            await here.step()
        two.clock.awake.set()
        await here.settle()
        assert "sends nothing until the former holder's term is over" in two.lease.obstacle()
        two.kill()
        await watch(here, three, 5 * TERM)

        assert here.holders == ["web-3"]


async def test_own_claims_of_a_takeover_are_removed_once_the_last_one_counts():
    async with world(2) as here:
        _, two = here.machines
        await two.lease.take_over()
        two.kill()
        two.start()
        await here.settle()
        assert len(here.channel.messages) == 2
        await here.wait(2 * TERM)

        assert (here.holders, list(here.channel.messages)) == (["web-2"], [two.lease.epoch])


async def test_a_bot_that_slept_takes_over_from_one_that_crashed_as_soon_as_any_other():
    async with world(2) as here:
        one, two = here.machines
        two.clock.slept += 3600
        two.clock.awake.clear()
        await here.wait(3600)
        two.clock.awake.set()
        await here.wait(30)
        one.kill()
        await here.wait(2 * TERM)

        assert here.holders == ["web-2"]
