"""The admin API: move time, order faults, set switches, read the true state."""

import dataclasses
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from bot.demo.cloud import vendor_migration
from bot.demo.cloud.call import need
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.oddities import ODDITIES, Oddity
from bot.demo.cloud.places import REGION_BY_LABEL
from bot.demo.cloud.records import BackupRecord, ClusterRecord, RestoreRecord
from bot.demo.cloud.refusals import ApiRefusal, error_body, from_pydantic, no_such
from bot.demo.cloud.switches import Durations, Switches
from bot.demo.loopback_server import is_from_here
from bot.demo.virtual_clock import VirtualClock

Model = TypeVar("Model", bound=pydantic.BaseModel)
Settings = TypeVar("Settings")


class _AdminRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AdvanceRequest(_AdminRequest):
    """Move the virtual clock forward."""

    seconds: Annotated[float, Field(ge=0, le=366 * 86400)]


class OutageRequest(_AdminRequest):
    """Take a whole API down: a v2 region, or `v1`."""

    how: Literal["503", "500", "401", "hang", "cut"] = "503"

    def fault(self, place: str) -> FaultOrder:
        where: dict[str, Any] = {"api": "v1"} if place == "v1" else {"api": "v2", "region": place}
        if self.how.isdecimal():
            return FaultOrder(kind="status", status=int(self.how), **where)
        return FaultOrder.model_validate({"kind": self.how, **where})


class StateChangeRequest(_AdminRequest):
    """Put a cluster into a state, or let its next change fail. Any word is accepted as a phase."""

    phase: Annotated[str, Field(min_length=1)] | None = None
    status_message: str | None = None
    fail_next: bool | None = None


_SWITCHES: TypeAdapter[Switches] = TypeAdapter(Switches)
_DURATIONS: TypeAdapter[Durations] = TypeAdapter(Durations)


class AdminApi:
    """The endpoints below `/_cloud`. Every answer is JSON; a refusal has the shape of v2's errors."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._outages: dict[str, int] = {}

    def app(self) -> ASGIApp:
        """Return the application, for programs on this machine and no web page from elsewhere."""
        routes = [
            self._route("/clock", GET=self.read_clock),
            self._route("/clock/advance", POST=self.advance),
            self._route("/faults", GET=self.list_faults, POST=self.add_fault, DELETE=self.clear_faults),
            self._route("/faults/{number:int}", DELETE=self.remove_fault),
            self._route("/outages/{place}", PUT=self.begin_outage, DELETE=self.end_outage),
            self._route("/switches", GET=self.read_switches, PATCH=self.change_switches),
            self._route("/oddities", GET=self.list_oddities),
            self._route("/durations", GET=self.read_durations, PATCH=self.change_durations),
            self._route("/calls", GET=self.read_calls, DELETE=self.reset_calls),
            self._route("/posts", GET=self.list_posts, DELETE=self.reset_posts),
            self._route("/clusters", GET=self.list_clusters),
            self._route("/clusters/{id}", GET=self.read_cluster, PATCH=self.change_cluster),
            self._route("/clusters/{id}/move", POST=self.move_cluster),
        ]
        return Router(routes)

    def _route(self, path: str, **methods: Callable[[Request], Awaitable[Any]]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                need(is_from_here(request), "The handle is for this machine only", 403)
                self._cloud.take_due_steps()
                answer = await methods[request.method](request)
            except ApiRefusal as refusal:
                return JSONResponse(error_body("v2", refusal, "full"), refusal.status)
            return Response(status_code=204) if answer is None else JSONResponse(answer)

        return Route(path, endpoint, methods=list(methods))

    async def read_clock(self, _: Request) -> dict[str, str]:
        return {"now": self._cloud.clock.now().isoformat()}

    async def advance(self, request: Request) -> dict[str, str]:
        """Move the clock forward and take all steps that fall due on the way."""
        clock = self._cloud.clock
        if not isinstance(clock, VirtualClock):
            raise ApiRefusal(409, "This cloud does not run on a virtual clock")
        clock.advance(timedelta(seconds=(await _parse(request, AdvanceRequest)).seconds))
        self._cloud.take_due_steps()
        return await self.read_clock(request)

    async def list_faults(self, _: Request) -> list[dict[str, object]]:
        return [fault.describe() for fault in self._cloud.faults.all()]

    async def add_fault(self, request: Request) -> dict[str, object]:
        return self._cloud.faults.add(await _parse(request, FaultOrder)).describe()

    async def clear_faults(self, _: Request) -> None:
        self._cloud.faults.clear()
        self._outages.clear()

    async def remove_fault(self, request: Request) -> None:
        if not self._cloud.faults.remove(request.path_params["number"]):
            raise no_such("fault")

    async def begin_outage(self, request: Request) -> dict[str, object]:
        place = request.path_params["place"]
        if place != "v1" and place not in REGION_BY_LABEL:
            raise no_such("region")
        outage = await _parse(request, OutageRequest)
        await self.end_outage(request)
        fault = self._cloud.faults.add(outage.fault(place))
        self._outages[place] = fault.id
        return fault.describe()

    async def end_outage(self, request: Request) -> None:
        number = self._outages.pop(request.path_params["place"], None)
        if number is not None:
            self._cloud.faults.remove(number)

    async def read_switches(self, _: Request) -> dict[str, Any]:
        return dataclasses.asdict(self._cloud.switches)

    async def change_switches(self, request: Request) -> dict[str, Any]:
        self._cloud.switches = await _merged(request, self._cloud.switches, _SWITCHES)
        return await self.read_switches(request)

    async def list_oddities(self, _: Request) -> list[dict[str, Any]]:
        """Return the oddities of the clusters, and those that the switches give to all answers."""
        names: dict[Oddity, list[str]] = {}
        for record in self._cloud.everything():
            for oddity in record.oddities:
                names.setdefault(oddity, []).append(record.name)
        switches = self._cloud.switches
        return [
            {
                "oddity": oddity,
                "what": facts.what,
                "source": facts.source,
                "breaks": sorted(facts.breaks),
                "clusters": names.get(oddity, []),
            }
            for oddity, facts in ODDITIES.items()
            if oddity in names
            or (facts.switches and dataclasses.replace(switches, **facts.switches) == switches)
        ]

    async def read_durations(self, _: Request) -> dict[str, Any]:
        return dataclasses.asdict(self._cloud.durations)

    async def change_durations(self, request: Request) -> dict[str, Any]:
        self._cloud.durations = await _merged(request, self._cloud.durations, _DURATIONS)
        return await self.read_durations(request)

    async def read_calls(self, _: Request) -> dict[str, Any]:
        calls = self._cloud.calls
        return {"calls": calls.rows(), "most_in_flight": calls.most_in_flight}

    async def reset_calls(self, _: Request) -> None:
        self._cloud.calls.reset()

    async def list_posts(self, _: Request) -> list[dict[str, Any]]:
        """Return every mutating request received, oldest first, repeated ones included."""
        return self._cloud.posts.rows()

    async def reset_posts(self, _: Request) -> None:
        self._cloud.posts.reset()

    async def list_clusters(self, _: Request) -> list[dict[str, Any]]:
        return [
            {"id": one.id, "name": one.name, "api": one.api, "region": one.region.label, "phase": one.phase}
            for one in self._cloud.everything()
        ]

    def _cluster(self, request: Request) -> ClusterRecord:
        record = self._cloud.find(request.path_params["id"])
        if record is None:
            raise no_such("cluster")
        return record

    async def read_cluster(self, request: Request) -> dict[str, Any]:
        return _true_state(self._cluster(request), self._cloud.clock.now())

    async def change_cluster(self, request: Request) -> dict[str, Any]:
        record = self._cluster(request)
        change = await _parse(request, StateChangeRequest)
        if change.phase is not None:
            record.phase, record.steps = change.phase, []
        if change.status_message is not None:
            record.status_message = change.status_message
        if change.fail_next is not None:
            record.fail_next = change.fail_next
        return await self.read_cluster(request)

    async def move_cluster(self, request: Request) -> dict[str, Any]:
        vendor_migration.move(self._cloud, self._cluster(request))
        return await self.read_cluster(request)


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        raise ApiRefusal(400, "The body is not valid JSON") from None


async def _parse(request: Request, model: type[Model]) -> Model:
    try:
        return model.model_validate(await _body(request))
    except pydantic.ValidationError as error:
        raise from_pydantic(error) from None


async def _merged(request: Request, present: Settings, adapter: pydantic.TypeAdapter[Settings]) -> Settings:
    """Return `present` with the fields of the body in place of its own. Raises ApiRefusal 422."""
    changes = await _body(request)
    names = [field.name for field in dataclasses.fields(present)]  # type: ignore[arg-type]
    if not isinstance(changes, dict) or not set(changes) <= set(names):
        raise ApiRefusal(422, f"The fields are {', '.join(names)}")
    try:
        return adapter.validate_python({name: getattr(present, name) for name in names} | changes)
    except pydantic.ValidationError as error:
        raise from_pydantic(error) from None


def _true_state(record: ClusterRecord, now: datetime) -> dict[str, Any]:
    """Return what the APIs hide, or show later, passwords included."""
    return {
        "id": record.id,
        "name": record.name,
        "api": record.api,
        "contract": record.contract,
        "location": record.location,
        "region": record.region.label,
        "phase": record.phase,
        "steps": [{"due": step.due.isoformat(), "phase": step.phase} for step in record.steps],
        "oddities": sorted(record.oddities),
        "credentials": None if record.credentials is None else dataclasses.asdict(record.credentials),
        "passwords": {user.username: user.password for user in record.users.values()},
        "databases": {entry.name: entry.owner for entry in record.databases.values()},
        "restores": [_restore(one) for one in record.restores],
        "backups": [_backup(one, now) for one in record.backups],
    }


def _restore(restore: RestoreRecord) -> dict[str, Any]:
    return {
        "at": restore.at.isoformat(),
        "source_cluster": restore.source_cluster_id,
        "backup": restore.backup_suffix,
        "target": None if restore.target is None else restore.target.isoformat(),
    }


def _backup(backup: BackupRecord, now: datetime) -> dict[str, Any]:
    return {
        "v1_id": backup.v1_id,
        "v2_id": backup.v2_id,
        "version": backup.version,
        "created_at": backup.created_at.isoformat(),
        "recoverable_at": backup.recoverable_at.isoformat(),
        "active": backup.is_active(now),
    }
