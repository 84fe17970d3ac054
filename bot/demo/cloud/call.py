"""Calls of operations, their answers, and the operations of a specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pydantic

from bot.demo.cloud.access import CredentialScope
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.places import Region
from bot.demo.cloud.records import ClusterRecord
from bot.demo.cloud.refusals import ApiRefusal, from_pydantic, no_such

Model = TypeVar("Model", bound=pydantic.BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """A request after authentication. `base` is the absolute address of this API, without a final slash."""

    cloud: Cloud
    now: datetime
    api: str
    region: Region | None
    base: str
    access: CredentialScope
    contract: int
    params: dict[str, str]
    query: dict[str, str]
    body: Any = field(default=None, repr=False)
    endless: bool = False

    def parsed(self, model: type[Model], unchanged: Mapping[str, Any] | None = None) -> Model:
        """Return the body as `model`. Raises ApiRefusal 422, one message per field.

        `unchanged`: values by field name that are accepted even outside the limits.
        """
        try:
            return model.model_validate(self.body, context=unchanged)
        except pydantic.ValidationError as error:
            raise from_pydantic(error) from None

    def cluster(self) -> ClusterRecord:
        """Return the cluster in the path. Raises ApiRefusal 404 if this caller cannot see it."""
        record = self.cloud.find(self.params["clusterId"])
        if record is None or not self.sees(record):
            raise no_such("cluster")
        return record

    def sees(self, record: ClusterRecord) -> bool:
        """Return whether this contract, API and region shows the cluster."""
        if record.contract != self.contract:
            return False
        if self.region is not None and record.region is not self.region:
            return False
        return record.api == self.api or self._sees_other_generation()

    def _sees_other_generation(self) -> bool:
        switches = self.cloud.switches
        return switches.v1_clusters_in_v2 if self.api == "v2" else switches.v2_clusters_in_v1

    def clusters(self) -> list[ClusterRecord]:
        """Return all clusters that this call may list, in the order of the `sort` switch."""
        region = "" if self.region is None else self.region.label
        if self._sees_other_generation():
            found = [record for record in self.cloud.everything() if self.sees(record)]
        else:
            found = self.cloud.clusters_of(self.contract, self.api, region)
        order = self.cloud.switches.sort
        if order == "name":
            found.sort(key=lambda record: (record.name, record.id))
        elif order == "id":
            found.sort(key=lambda record: record.id)
        return found


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A status, a JSON body (None for no body), and further headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Endpoint = Callable[[ApiCall], ApiAnswer]


@dataclass(frozen=True, slots=True)
class SpecOperation:
    """One operation of a specification with its path and operationId."""

    method: str
    path: str
    id: str
    endpoint: Endpoint

    @property
    def takes_body(self) -> bool:
        return self.method in ("POST", "PUT", "PATCH")


def need(condition: bool, message: str, status: int = 422) -> None:  # noqa: FBT001 - reads as an assertion
    """Raise ApiRefusal with `message` unless `condition` holds."""
    if not condition:
        raise ApiRefusal(status, message)
