"""A week in the demo's company, played so that every built-in report has content."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

ZONE = ZoneInfo("Europe/Berlin")

SECONDS = 120.0
"""Limit of each wait, in real seconds."""

DBA = "C0DBA"
OPS = "C0OPS"

REPORTS = {"fleet": OPS, "migration": OPS, "changes": OPS, "backups": DBA, "activity": DBA}
"""The reports of the demo, and their channels."""

DAYS = {"changes": (1,), "activity": (1, 4)}
"""The weekdays of reports that do not run on every working day; Monday is 0."""

MOVED = (("billing-prod",), ("shop-staging",), ("hr-staging", "geo-staging"), (), ("sessions-prod",))
"""Clusters that move to v2, by working day."""


class ReportWeek:
    """The week's people and cloud, played over HTTP as the page does. Times are those of the demo."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http

    async def play(self) -> None:
        """Play from the first Monday to the reports of the Tuesday a week later."""
        await self._first_monday()
        for day, names in enumerate(MOVED):
            await self.until_ten(after=timedelta(days=3 if day == 4 else 1))
            await self._working_day(day, names)
        await self._last_monday()
        await self.until_ten(after=timedelta(days=1), just_before=self._just_before)

    async def _first_monday(self) -> None:
        await self.type("U0ALICE", "migration status")
        await self._restore("orders-staging", "bad deploy")

    async def _working_day(self, day: int, names: tuple[str, ...]) -> None:
        for name in names:
            await self.order("POST", f"clusters/{await self._id(name)}/move")
        await self.type("U0ALICE", "migration status")
        if day == 1:
            await self._restore("ledger-staging", "wrong import")
        if day == 2:
            await self.type(
                "U0BOB",
                "migration waive PGR004 legacy-reports --until 14d --reason 'it is deleted at New Year'",
            )

    async def _last_monday(self) -> None:
        await self.type("U0BOB", "drill shop-prod")
        await self._begun("shop-prod", "Confirm drill")
        # First it is restored, then its cluster is deleted.
        for _ in range(2):
            await self.advance(timedelta(hours=1))
            await self._rest()
        await self.type("U0ALICE", "restore orders-prod --to 2h --reason 'bad deploy'")
        for _ in range(6):
            await self.type("U0GUEST", "cluster list")

    async def _just_before(self) -> None:
        await self.order("PATCH", "durations", {"base_backup": 86400})
        await self.type("U0BOB", "cluster upgrade ledger-staging 15")
        await self._begun("ledger-staging", "Confirm upgrade")
        await self.change("orders-staging", fail_next=True)
        await self._restore("orders-staging", "bad deploy again")
        await self.change("crm-prod", phase="AVAILABLE")

    async def _restore(self, name: str, reason: str) -> None:
        await self.type("U0ALICE", f"restore {name} --to 2h --reason '{reason}'")
        await self._begun(name, "Approve restore")
        # First it ends, then it is seen.
        for _ in range(2):
            await self.advance(timedelta(minutes=10))
            await self._rest()

    async def _begun(self, about: str, label: str) -> None:
        """Let Bob decide, and wait until the cloud has the request: time that passes before is lost."""
        before = len(await self.order("GET", "posts"))
        await self.press("U0BOB", about, label)

        async def arrived() -> bool:
            return len(await self.order("GET", "posts")) > before

        await self._until(arrived, f"a request to the cloud about {about}")

    # Actions of people

    async def type(self, user: str, line: str) -> None:
        """Send a slash command; return when the bot has answered."""
        before = len(await self.messages(user, OPS))
        await self._post("slash", {"user": user, "channel": OPS, "text": f"/pg {line}"})
        await self._until(lambda: self._grew(user, before), f"an answer to {line}")

    async def press(self, user: str, about: str, label: str) -> None:
        """Press a button of the newest message about something."""

        async def pressed() -> bool:
            found = [each for each in await self.messages(user, OPS) if about in each["text"]]
            place = {"user": user, "channel": OPS, "ts": found[-1]["ts"] if found else "", "label": label}
            return bool(found) and (await self._post("click", place))["ok"]

        await self._until(pressed, f"a button {label} about {about}")
        if label.startswith("Approve"):
            await self._until(lambda: self._submitted(user), f"a form of {label}")

    async def _submitted(self, user: str) -> bool:
        """Submit the form that is open, if one is."""
        answer = await self._http.get(f"{self._url}/_workspace/views", params={"user": user})
        found = [each for each in answer.json()["stack"] if each["submit"]]
        return bool(found) and (await self._post("submit", _submission(user, found[-1])))["ok"]

    async def messages(self, user: str, channel: str) -> list[dict[str, Any]]:
        """Return what a person sees in a channel."""
        answer = await self._http.get(
            f"{self._url}/_workspace/messages", params={"user": user, "channel": channel}
        )
        return answer.json()["messages"]

    # Time and the cloud

    async def until_ten(
        self, *, after: timedelta, just_before: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Let days pass, until the reports of ten o'clock in Berlin are there."""
        now = await self.now()
        ten = now.astimezone(ZONE).replace(hour=10, minute=0, second=0, microsecond=0) + after
        before = {name: await self.last(name) for name in REPORTS}
        if just_before is not None:
            await self.advance(ten - timedelta(minutes=40) - now)
            await just_before()
        await self.advance(ten - await self.now())
        # The last of them comes with its spread.
        await asyncio.sleep(1)
        await self.advance(timedelta(minutes=2, seconds=30))
        for name in [name for name in REPORTS if ten.weekday() in DAYS.get(name, range(7))]:
            await self._until(lambda name=name: self._is_new(name, before[name]), f"the report {name}")
        await self._rest()

    async def last(self, name: str) -> str:
        """Return the `ts` of a report's newest message; empty before the first."""
        found = [
            each["ts"]
            for each in await self.messages("U0BOB", REPORTS[name])
            if each["text"].startswith(f"{name}: ") and not each.get("thread_ts")
        ]
        return found[-1] if found else ""

    async def now(self) -> datetime:
        answer = await self._http.get(f"{self._url}/_workspace/state")
        return datetime.fromisoformat(answer.json()["now"])

    async def advance(self, by: timedelta) -> None:
        await self._post("clock", {"seconds": max(by.total_seconds(), 0)})

    async def change(self, name: str, **what: str | bool) -> None:
        """Put a cluster into a state."""
        await self.order("PATCH", f"clusters/{await self._id(name)}", what)

    async def order(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self._http.request(method, f"{self._url}/_console/cloud/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def _id(self, name: str) -> str:
        return next(each["id"] for each in await self.order("GET", "clusters") if each["name"] == name)

    # Waiting

    async def _grew(self, user: str, before: int) -> bool:
        return len(await self.messages(user, OPS)) > before

    async def _rest(self) -> None:
        """Wait until nothing has been posted for a while."""
        said = -1
        while (now := len(await self.messages("U0BOB", OPS)) + len(await self.messages("U0BOB", DBA))) > said:
            said = now
            await asyncio.sleep(3)

    async def _is_new(self, name: str, before: str) -> bool:
        return await self.last(name) > before

    async def _until(self, happened: Callable[[], Awaitable[bool]], what: str) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                while not await happened():
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"There never was {what}.") from None

    async def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return (await self._http.post(f"{self._url}/_workspace/{what}", json=body)).json()


def _submission(user: str, view: dict[str, Any]) -> dict[str, Any]:
    return {"user": user, "view_id": view["id"], "values": {}}
