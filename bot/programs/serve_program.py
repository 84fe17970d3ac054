"""`pgbot serve`: the bot, until it is told to stop."""

import argparse
import asyncio
import gc
import os
import sys
from contextlib import AbstractAsyncContextManager
from typing import Any

from bot.domain.error_codes import ExitCode
from bot.domain.errors import PgbotError
from bot.programs.command_line import say
from bot.programs.serve import watched
from bot.programs.signals import stopped_by_signal
from bot.runtime.logger import get_logger
from bot.settings.data_folder import explain_earlier_folder
from bot.settings.model import load_settings

log = get_logger()


async def run(args: argparse.Namespace) -> int:
    """Serve until a signal.

    A supervisor reads one code for whatever keeps the bot from starting or continuing. The process ends with
    another code when its event loop stands still; see `bot.runtime.watchdog`.
    """
    if earlier := explain_earlier_folder(os.environ):
        log.warning("data folder of an earlier release", why=earlier)
    try:
        async with stopped_by_signal() as stop:
            await serve_until(stop, watched(load_settings(args.config)))
    except PgbotError as error:
        say(error.sentence, error.next_step, to=sys.stderr)
        return ExitCode.USAGE
    return ExitCode.OK


async def serve_until(stop: asyncio.Event, serving: AbstractAsyncContextManager[Any]) -> None:
    """Serve until `stop`, which also ends a start that hangs."""
    is_up = asyncio.Event()

    async def serve() -> None:
        async with serving:
            is_up.set()
            # What a start makes stays: looking through it with every listing stops the loop for 0.1 s.
            gc.freeze()
            await stop.wait()

    work, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if stop.is_set() and not is_up.is_set():
        work.cancel()
        await asyncio.wait({work})
    if not work.cancelled():
        await work
