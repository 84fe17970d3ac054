"""Slack's answers, as far as memory allows."""

import aiohttp

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest answer that is read: a full page of messages has a tenth of it."""


class BoundedResponse(aiohttp.ClientResponse):
    """An answer whose body has a limit. aiohttp unpacks in pieces, and would collect any number of them."""

    async def read(self) -> bytes:
        """Return the body. Raises aiohttp.ClientPayloadError if it is too large."""
        if self._body is None:
            body = bytearray()
            async for piece in self.content.iter_any():
                body += piece
                if len(body) > LARGEST:
                    self.close()
                    raise aiohttp.ClientPayloadError("too large")
            self._body = bytes(body)
        return self._body
