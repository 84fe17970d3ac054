"""The request bodies of the admin API."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.switches import Durations, Switches


class _AdminRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AdvanceRequest(_AdminRequest):
    """Move the virtual clock forward."""

    seconds: Annotated[float, Field(ge=0, le=366 * 86400)]


class OutageRequest(_AdminRequest):
    """Take a whole API down: a v2 region, or `v1`."""

    how: Literal["503", "500", "401", "hang", "cut"] = "503"

    def fault(self, place: str) -> FaultOrder:
        """Return the fault without end that makes the outage."""
        where: dict[str, Any] = {"api": "v1"} if place == "v1" else {"api": "v2", "region": place}
        if self.how.isdecimal():
            return FaultOrder(kind="status", status=int(self.how), **where)
        return FaultOrder.model_validate({"kind": self.how, **where})


class StateChangeRequest(_AdminRequest):
    """Put a cluster into a state, or let its next change fail. Any word is accepted as a phase."""

    phase: Annotated[str, Field(min_length=1)] | None = None
    status_message: str | None = None
    fail_next: bool | None = None


SWITCHES: TypeAdapter[Switches] = TypeAdapter(Switches)
DURATIONS: TypeAdapter[Durations] = TypeAdapter(Durations)
