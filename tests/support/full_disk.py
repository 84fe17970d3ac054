"""A disk that takes nothing more, as this process or another one sees it: no file of theirs may grow."""

import resource
from contextlib import contextmanager

LIMIT = resource.RLIMIT_FSIZE
"""A write past it fails, also one into the middle of a file; pipes, sockets and terminals are not touched."""


def fill():
    """From here on nothing can be written."""
    _, most = resource.getrlimit(LIMIT)
    resource.setrlimit(LIMIT, (0, most))


def free():
    """There is room again."""
    _, most = resource.getrlimit(LIMIT)
    resource.setrlimit(LIMIT, (most, most))


@contextmanager
def freed():
    """Free the space that was filled here, so that pytest can write what it captured."""
    try:
        yield
    finally:
        free()
