"""Changes run in one process, which may be killed at any point, while time passes by itself."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from api_fakes import bearer
from change_requests import ALICE, BOB, ask, now

from bot.changes.executor import ChangeExecutor
from bot.changes.operation import ExecutionContext
from bot.changes.restore_drill import DrillExecutor
from bot.changes.run_log import RunLog
from bot.domain.request import Invocation
from bot.ionos.credentials import resolve_addresses
from bot.ionos.fleet import open_fleet


class Killed(BaseException):
    """The end of the process, as far as one process can simulate it."""


@dataclass
class StepResults:
    """The results of completed steps, which an engine stores over crashes."""

    results: dict = field(default_factory=dict)

    async def run(self, name, step):
        if name not in self.results:
            self.results[name] = await step()
        return self.results[name]


@dataclass
class WorkflowRunner:
    """A terminal, an approved change, and a workflow that may be killed. `fleet` takes the place of the
    terminal's, as after a start with other settings."""

    terminal: object
    requester: object = BOB
    fleet: object = None
    steps: StepResults = field(default_factory=StepResults)

    async def start(self, line="drill orders-prod"):
        """Propose a change as Bob, confirm it and claim its turn."""
        record = await ask(self.terminal, line, BOB)
        line = f"change confirm {record.id} --name {record.plan.target.name}"
        assert (await self.terminal.run(line, BOB)).ok
        return await self.claim(record)

    async def start_restore(self, line="restore orders-staging --to 2h"):
        """Propose a restore as Alice, approve it as Bob and claim its turn."""
        self.requester = ALICE
        record = await ask(self.terminal, line, ALICE)
        assert (await self.terminal.run(f"change approve {record.id}", BOB)).ok
        return await self.claim(record)

    async def claim(self, record):
        """Claim the turn of a change."""
        assert await self.run_log().claim(await now(self.terminal, record))
        return await now(self.terminal, record)

    async def run(self, record, kill_at="", on_point=lambda _name: None):
        """Run one life of the process, calling `on_point` at each point. Return whether it was killed."""

        def at_point(name):
            on_point(name)
            if name == kill_at:
                raise Killed

        execution = self._execution(at_point)
        work = DrillExecutor(executor=execution) if record.plan.throwaway else execution
        try:
            await work.run({"id": record.id}, self.steps)
        except Killed:
            return True
        return False

    def _execution(self, at_point):
        kernel = self.terminal.kernel
        dispatcher = kernel.dispatcher
        return ChangeExecutor(
            run_log=self.run_log(),
            changes=dispatcher.changes,
            operation=dispatcher.registry.find_operation,
            context=ExecutionContext(
                fleet=self.fleet or kernel.fleet,
                settings=dispatcher.settings,
                handover=dispatcher.handover,
                now=kernel.clock.now,
            ),
            clock=kernel.clock,
            replan=self._replanned,
            require_authority=nobody_has_left,
            at_point=at_point,
        )

    async def _replanned(self, record):
        dispatcher = self.terminal.kernel.dispatcher
        command = dispatcher.registry.get(tuple(record.plan.command.split()))
        invocation = Invocation(
            key="again",
            trace=record.id,
            actor=self.requester,
            channel="",
            text="",
            at=self.terminal.kernel.clock.now(),
        )
        arguments = command.arguments(**record.plan.arguments)
        return await command.change.plan(arguments, dispatcher.make_context(invocation, command))

    def run_log(self):
        kernel = self.terminal.kernel

        async def anew(record, plan):
            raise AssertionError(record.plan.differences(plan))

        return RunLog(
            rows=kernel.dispatcher.changes.rows, clock=kernel.clock, propose_again=anew, wake=lambda: None
        )

    def rename_contract(self):
        """Have the fleet of a start whose app.yaml has another name for the contract."""
        kernel, url = self.terminal.kernel, self.terminal.url
        addresses = resolve_addresses(url, f"{url}/{{region}}")
        self.fleet = open_fleet((bearer("renamed"),), addresses, clock=kernel.clock)

    def drill_clusters(self, record):
        """Return the clusters with the drill's name that exist, or are being deleted."""
        name = record.plan.throwaway.name
        return [each for each in self.terminal.cloud.everything() if each.name == name]

    def count(self, route, method):
        return self.terminal.cloud.calls.count(method, route)


async def nobody_has_left(_record):
    """Let everybody keep their rights; whether they do is for tests with a Slack."""


def is_awaited(clock):
    """Return whether somebody sleeps until the clock is further."""
    return any(not sleeper.done() for _, _, sleeper in clock._sleepers)


@asynccontextmanager
async def hurry(terminal):
    """Let time pass as fast as the work is done, and only while it waits, on slow machines as well."""

    async def pass_time():
        while True:
            if is_awaited(terminal.kernel.clock):
                terminal.kernel.clock.advance(timedelta(minutes=1))
            terminal.cloud.take_due_steps()
            await anyio.sleep(0.001)

    async with anyio.create_task_group() as group:
        group.start_soon(pass_time)
        yield
        group.cancel_scope.cancel()
