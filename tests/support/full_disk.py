"""A full disk, for this process or another one: no file of theirs may grow."""

import resource
from contextlib import contextmanager

LIMIT = resource.RLIMIT_FSIZE
"""A write past it fails, also one into the middle of a file; pipes, sockets and terminals are not touched."""


def fill():
    """Refuse all further writes."""
    _, most = resource.getrlimit(LIMIT)
    resource.setrlimit(LIMIT, (0, most))


def free():
    """Allow writes again."""
    _, most = resource.getrlimit(LIMIT)
    resource.setrlimit(LIMIT, (most, most))


@contextmanager
def freed_disk():
    """Free the disk in the end, so that pytest can write its captured output."""
    try:
        yield
    finally:
        free()
