"""Bodies of answers, read and unpacked piece by piece: neither takes more memory than its limit."""

import asyncio
import zlib
from contextlib import AsyncExitStack
from typing import cast

import httpx

_AUTO, _RAW = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS
"""zlib's window bits: gzip or zlib by the header of the stream, and deflate without one, as some servers send
it."""

ACCEPTED = "gzip, deflate"
"""What is asked for: other codings need a library that unpacks without a limit."""

PIECE = 256 * 1024
"""Bytes that are unpacked before the loop runs other tasks."""

LARGE = 2 * 1024 * 1024
"""Bytes from which bodies are read one after the other: a full page of a thousand clusters has less."""


class TooLarge(Exception):
    """A body with more bytes than any documented answer needs, before or after it was unpacked."""


async def read_body(response: httpx.Response, most: int, large: asyncio.Lock) -> bytes:
    """Return the body, unpacked. `large` is held while more than LARGE is in memory.

    Raises TooLarge, httpx.DecodingError for a coding that was not asked for or one within another, and what
    reading raises.
    """
    unpacker = _Unpacker(response.headers.get("content-encoding", ""))
    body, received, is_large = bytearray(), 0, False
    async with AsyncExitStack() as held:
        stream = cast("httpx.AsyncByteStream", response.stream)
        async for chunk in stream:
            received += len(chunk)
            unpacker.feed(chunk)
            while piece := unpacker.take():
                body += piece
                if max(len(body), received) > most:
                    raise TooLarge
                if len(body) > LARGE and not is_large:
                    is_large = True
                    await held.enter_async_context(large)
                await asyncio.sleep(0)
        return bytes(body)


class _Unpacker:
    """A stream of one coding, or of none."""

    def __init__(self, coding: str) -> None:
        name = coding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise httpx.DecodingError(f"an answer in the coding {name[:40]!r}")
        self._stream = None if name in {"", "identity"} else zlib.decompressobj(_AUTO)
        self._may_be_raw = name == "deflate"
        self._left = b""

    def feed(self, chunk: bytes) -> None:
        """Add packed bytes, once those before are taken."""
        self._left = chunk

    def take(self) -> bytes:
        """Return the next unpacked bytes, at most PIECE; none when more packed ones are needed."""
        if self._stream is None:
            piece, self._left = self._left, b""
            return piece
        try:
            piece = self._stream.decompress(self._left, PIECE)
        except zlib.error as error:
            if not self._may_be_raw:
                raise httpx.DecodingError(str(error)) from None
            self._stream, self._may_be_raw = zlib.decompressobj(_RAW), False
            return self.take()
        self._may_be_raw = False
        self._left = self._stream.unconsumed_tail
        return piece
