"""Calls of operations, their answers, and the operations of a specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pydantic

from bot.demo.cloud.access import CredentialScope
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.places import Region
from bot.demo.cloud.records import BackupRecord, ClusterRecord
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

    def backups(self, cluster_id: str | None = None) -> list["FoundBackup"]:
        """Return the backups that this call may list, oldest cluster first; deleted clusters' while kept."""
        if cluster_id is None:
            clusters = self.cloud.clusters_with_backups(self.contract)
        else:
            cluster = self.cloud.find_with_backups(cluster_id)
            clusters = [] if cluster is None else [cluster]
        return [
            (record, backup)
            for record in clusters
            if self.sees(record)
            for backup in record.backups
            if backup.exists(self.now, record.kept)
        ]

    def backup(self, backup_id: str) -> "FoundBackup":
        """Return the backup of an id. Raises ApiRefusal 404."""
        # The first 36 characters of a v1 id are the cluster's; case counts in v1 alone.
        is_v1 = self.api == "v1"
        for record, backup in self.backups(backup_id[:36] if is_v1 else None):
            if (backup.v1_id == backup_id) if is_v1 else (backup.v2_id == backup_id.lower()):
                return record, backup
        raise no_such("backup")

    def sent_backup(self, backup_id: str, field: str) -> "FoundBackup":
        """Return the backup of an id in a request body. Raises ApiRefusal 422."""
        try:
            return self.backup(backup_id)
        except ApiRefusal:
            raise ApiRefusal(422, f"{field} is not known") from None


FoundBackup = tuple[ClusterRecord, BackupRecord]
"""A backup after its cluster."""


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
