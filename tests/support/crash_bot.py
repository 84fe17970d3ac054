"""Bots that die: a process that has imported everything forks off one bot for each order on a pipe.

A fork starts in a tenth of the time of a program, and `kill -9` ends it just as hard. Orders and their
results, on standard output, are lines of JSON; see `crash_site`.
"""

import asyncio
import json
import os
import select
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path

from change_kit import FastClock
from copied_files import copy_files
from full_disk import fill, free

# What the bot imports late, every fork has already.
import bot.ionos.transport
import bot.runtime.workflows.dbos
from bot.programs.kernel import registry
from bot.programs.serve import serve_until, serving
from bot.runtime import logging
from bot.runtime.background_tasks import stopped_by_signal
from bot.settings.model import load_settings
from migrations.custom_rules import shipped_rules

FULL_SECONDS = 2.0
"""Seconds that the disk is full, on the machine's clock."""


class JumpingClock(FastClock):
    """A machine's clock that can be set wrong, beside a monotonic one that goes on."""

    wrong = timedelta(0)

    def now(self):
        return super().now() + self.wrong


def in_trouble_at(order, clock):
    """Return a hook that copies the files at one point, kills the process at another, sets its clock wrong at
    a third, and at a fourth fills its disk for a while; each once."""
    die_at, full_at, copy_at, full = order["die_at"], order["full_at"], order["copy_at"], []
    data = Path(order["environment"]["PGBOT_DATA"])
    jump_at, seconds = order["jump"] or (None, 0.0)
    if jump_at == "":
        clock.wrong = timedelta(seconds=seconds)

    def at_point(name):
        if name == copy_at:
            copy_files(data, data.with_suffix(".copies"))
        if name == jump_at:
            clock.wrong = timedelta(seconds=seconds)
        if name == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if name == full_at and not full:
            full.append(name)
            fill()
            asyncio.get_running_loop().call_later(FULL_SECONDS, free)

    return at_point


async def serve(order):
    setup = load_settings(environment=order["environment"])
    clock = JumpingClock(order["origin"], order["speed"])
    async with stopped_by_signal() as stop:
        await serve_until(stop, serving(setup, clock, in_trouble_at(order, clock)))


def be_a_bot(order):
    """Run the bot; never return."""
    code = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["environment"])
        logging.configure_logging()
        asyncio.run(serve(order))
        code = 0
    except BaseException:  # noqa: BLE001 - the fork must end here, and its log say why
        traceback.print_exc()
    finally:
        os._exit(code)


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main():
    """Fork on every line; at the end of the orders leave no bot behind."""
    list(registry())  # handlers, too, are imported once
    shipped_rules()  # and rules
    bot.ionos.transport._tls_context()  # and certificates read once
    alive = set()
    # Unbuffered: a line that a buffer holds back, select does not see.
    orders = os.fdopen(os.open(sys.argv[1], os.O_RDONLY), "rb", buffering=0)
    while True:
        ready, _, _ = select.select([orders], [], [], 0.02)
        if ready:
            line = orders.readline()
            if not line:
                break
            pid = os.fork()
            if pid == 0:
                be_a_bot(json.loads(line))
            alive.add(pid)
            tell(started=pid)
        for pid in list(alive):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                alive.discard(pid)
                tell(ended=pid, code=os.waitstatus_to_exitcode(status))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
