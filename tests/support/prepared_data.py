"""A data folder as the bot's first start leaves it: making both databases costs more than most tests."""

import asyncio
import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from threading import Thread

from bot.runtime.database.database import SqliteDatabase
from bot.runtime.workflows.dbos import open_engine


async def _make(folder):
    database = SqliteDatabase(folder / "pgbot.db")
    await database.open()
    await database.close()
    async with open_engine(folder / "engine.db", {}):
        pass


@cache
def _template():
    folder = Path(tempfile.mkdtemp(prefix="pgbot-template-"))
    atexit.register(shutil.rmtree, folder)
    # A thread, since a loop runs in this one already.
    making = Thread(target=asyncio.run, args=[_make(folder)])
    making.start()
    making.join()
    return folder


def prepare_folder(data, *, engine=True):
    """Return the folder, with empty databases unless it is there already."""
    if not data.exists():
        data.mkdir(mode=0o700, parents=True)
        for name in ("pgbot.db", "engine.db") if engine else ("pgbot.db",):
            shutil.copy2(_template() / name, data / name)
    return data
