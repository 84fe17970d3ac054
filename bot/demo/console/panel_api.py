"""The console's side panel: the guide, the cloud simulator's admin API, the audit log."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from bot.audit.offline_file import opened, rows
from bot.demo.console.guide import GuideStep
from bot.demo.workspace.loopback import is_from_here
from bot.domain.errors import StoreError

MOST_ROWS = 500
"""Rows of the audit log in one answer; the page requests those after its last one."""

_SHOWN = ("seq", "at", "kind", "actor", "command", "text", "outcome", "detail")

Answer = Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelState:
    """The content of the side panel.

    `cloud` is the cloud simulator's admin API, `audit` the bot's `pgbot.db`, which is only read. A workspace
    that runs alone has neither.
    """

    cloud: ASGIApp | None = None
    audit: Path | None = None
    guide: tuple[GuideStep, ...] = ()

    def routes(self, hints: list[dict[str, str]]) -> list[BaseRoute]:
        """Return the routes below `/_console`, for pages of this machine only."""

        async def setup(_request: Request) -> dict[str, Any]:
            return {
                "hints": hints,
                "guide": [step.json() for step in self.guide],
                "cloud": self.cloud is not None,
                "audit": self.audit is not None,
            }

        async def audit(request: Request) -> dict[str, Any]:
            after = int(request.query_params.get("after", 0))
            return {"ok": True, "rows": await asyncio.to_thread(self._rows, after)}

        # The admin API checks access itself.
        cloud = [Mount("/cloud", app=self.cloud)] if self.cloud is not None else []
        return [Route("/setup", _guarded(setup)), Route("/audit", _guarded(audit)), *cloud]

    def _rows(self, after: int) -> list[dict[str, Any]]:
        """Return the rows after number `after`, oldest first; none before the bot has created the file."""
        if self.audit is None:
            return []
        try:
            with opened(self.audit) as connection:
                found = list(islice(rows(connection, after), MOST_ROWS))
        except StoreError:
            return []
        return [{name: row[name] for name in _SHOWN} for row in found]


def _guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        if not is_from_here(request):
            return JSONResponse({"ok": False, "error": "loopback_only"}, 403)
        try:
            return JSONResponse(await answer(request))
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_arguments"}, 400)

    return guarded
