"""Answers that are small on the wire and large in memory."""

import zlib
from functools import lru_cache

from bot.demo.cloud.wire import Payload

_WINDOWS = {"gzip": 31, "deflate": 15, "raw deflate": -15}
"""The forms of `deflate` (RFC 9110, 8.4.1): a zlib stream, and without its frame, which many servers send."""


@lru_cache(maxsize=4)
def make_bomb(size_mb: int, encoding: str) -> Payload:
    """Return `size_mb` of blanks in a JSON text, compressed by each coding of `encoding` in turn."""
    chunks = (b'{"items": [', *([b" " * 1024 * 1024] * size_mb), b"]}")
    names = [each.strip() for each in encoding.split(",")]
    for name in names:
        packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOWS[name])
        chunks = (*map(packer.compress, chunks), packer.flush())
    header = ", ".join(name.removeprefix("raw ") for name in names)
    return Payload(200, b"".join(chunks), headers=(("content-encoding", header),))
