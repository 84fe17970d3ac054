"""Copies of the bot's files, taken while others write them, and put back as a restore of a folder does."""

import shutil
from contextlib import closing

from bot.audit.backup import FILES
from bot.runtime.database.sqlite import copy_file, open_for_reading


def copy_files(data, folder):
    """Copy both files as they are at this moment, the first time."""
    if folder.exists():
        return
    # Whoever copies may be killed: half a copy is none.
    part = folder.with_name(f"{folder.name}-part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in FILES:
        with closing(open_for_reading(data / name)) as db:
            copy_file(db, part / name)
    part.rename(folder)


def put_back(folder, data, names=FILES):
    """Put copies in the place of these files, and nothing of what lay beside them."""
    for name in names:
        remove_file(data, name)
        shutil.copy2(folder / name, data / name)


def remove_file(data, name):
    for each in data.glob(f"{name}*"):
        each.unlink()
