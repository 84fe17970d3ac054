"""`/pg stall loop`: keep the event loop from moving, in one of the ways in which code does that."""

import asyncio
import os
import re
import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command
from bot.domain.reply import Reply

BACKTRACKING = re.compile("(a+)+$")


class StallLoopArguments(Arguments):
    way: Annotated[
        Literal["busy", "wait", "pattern", "pattern-aside", "moment"],
        Positional(),
        Field(description="How the loop is kept"),
    ]


def be_busy():
    while True:
        pass


def never_match():
    BACKTRACKING.match("a" * 64 + "!")


def wait_until_noticed():
    noted = Path(os.environ["PGBOT_DATA"]) / "stalled"
    while not noted.read_text():
        time.sleep(0.02)


@command(examples=("stall loop busy",))
async def stall_loop(args: StallLoopArguments, _ctx: Context) -> Reply:
    """Keep the event loop."""
    if args.way == "pattern-aside":
        await asyncio.to_thread(never_match)
    ways = {
        "busy": be_busy,
        "wait": lambda: time.sleep(3_600),
        "pattern": never_match,
        "moment": wait_until_noticed,
    }
    ways[args.way]()
    return Reply("It moved again")
