"""The part of the Cloud API v6 that Terraform, Ansible and ionosctl ask for a database cluster.

A change is answered 202 with a `Location`: the address of a request's status, which the clients ask until it
is DONE. Source: the Cloud API's reference, the Terraform provider 6.7.34 (data centers, LANs, their network
cards, contracts), the Ansible collection 7.8.0 (also private cross-connects), ionosctl 6.10.3 (also the API's
own version), and the Go SDK v6.3.10 for the types.

`depth` is the API's: a reference alone below 0, the resource itself at 0, with its entities from 1 on. A list
shows its items one level less deep.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import Field

from bot.demo.cloud.call import ApiAnswer, ApiCall, SpecOperation, need
from bot.demo.cloud.paging import ListSlice, cut, links_of, page_of, whole_number
from bot.demo.cloud.places import REGION_BY_LOCATION
from bot.demo.cloud.records import DatacenterRecord, LanRecord, ProvisioningRequest, VirtualResource
from bot.demo.cloud.refusals import ApiRefusal, no_such
from bot.demo.cloud.rules import Enveloped, Filled, RequestModel, stamp

PREFIX = "/cloudapi/v6"
_DATACENTER = "/datacenters/{datacenterId}"
_LANS = f"{_DATACENTER}/lans"
_LAN = f"{_LANS}/{{lanId}}"
_CPU = {"cpuFamily": "INTEL_ICELAKE", "maxCores": 64, "maxRam": 262_144, "vendor": "GenuineIntel"}
T = TypeVar("T")


class DatacenterChanges(RequestModel):
    name: Filled | None = None
    description: str | None = None


class NewDatacenter(DatacenterChanges):
    location: Filled


class LanChanges(RequestModel):
    name: str | None = None
    public: bool | None = None


class NewLanRequest(RequestModel):
    properties: Annotated[LanChanges, Field(default_factory=LanChanges)]


def read_api_info(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, {"href": call.base, "name": "CLOUD API", "version": "6.0"})


def list_contracts(call: ApiCall) -> ApiAnswer:
    """Return every contract of the credential, whichever the header names."""
    return ApiAnswer(
        200, _collection(call, "contracts", call.access.contracts, lambda each: _contract_view(call, each))
    )


def _contract_view(call: ApiCall, number: int) -> dict[str, Any]:
    """Return a contract without `resourceLimits`, which are those of servers."""
    properties = {
        "contractNumber": number,
        "owner": call.access.person.name,
        "status": "BILLABLE",
        "regDomain": "ionos.example",
    }
    return {"type": "contract", "properties": properties}


def list_cross_connects(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _collection(call, "pccs", (), dict, page_of(call)))


def _depth(call: ApiCall) -> int:
    return whole_number(call, "depth", 0, (0, 10))


def list_datacenters(call: ApiCall) -> ApiAnswer:
    every = call.cloud.datacenters.values()
    found = [each for each in every if each.contract == call.contract and each.exists(call.now)]
    depth = _depth(call) - 1
    view = _collection(
        call, "datacenters", found, lambda each: _datacenter_view(call, each, depth), page_of(call)
    )
    return ApiAnswer(200, view)


def read_datacenter(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _datacenter_view(call, _datacenter(call), _depth(call)))


def create_datacenter(call: ApiCall) -> ApiAnswer:
    requested = call.parsed(Enveloped[NewDatacenter]).properties
    need(requested.location in REGION_BY_LOCATION, "properties.location is not known")
    datacenter = DatacenterRecord(
        id=call.cloud.new_id(),
        name=requested.name,
        description=requested.description,
        location=requested.location,
        contract=call.contract,
        created_at=call.now,
        created_by=call.access.person,
        ready_at=_ready_at(call),
    )
    call.cloud.datacenters[datacenter.id] = datacenter
    return _accept(call, datacenter, _datacenter_view(call, datacenter, 0))


def change_datacenter(call: ApiCall) -> ApiAnswer:
    datacenter, changes = _datacenter(call), call.parsed(DatacenterChanges)
    datacenter.name = changes.name or datacenter.name
    datacenter.description = datacenter.description if changes.description is None else changes.description
    datacenter.version += 1
    datacenter.modified_at, datacenter.ready_at = call.now, _ready_at(call)
    return _accept(call, datacenter, _datacenter_view(call, datacenter, 0))


def delete_datacenter(call: ApiCall) -> ApiAnswer:
    datacenter = _datacenter(call)
    _refuse_while_connected(call, "Data center", datacenter.id)
    datacenter.gone_at = _ready_at(call)
    return _accept(call, datacenter)


def _datacenter(call: ApiCall) -> DatacenterRecord:
    """Return the data center in the path. Raises ApiRefusal 404."""
    found = call.cloud.datacenters.get(call.params["datacenterId"].lower())
    if found is None or found.contract != call.contract or not found.exists(call.now):
        raise no_such("data center")
    return found


def _datacenter_view(call: ApiCall, datacenter: DatacenterRecord, depth: int) -> dict[str, Any]:
    properties = {
        "location": datacenter.location,
        "version": datacenter.version,
        "secAuthProtection": False,
        # Without it, Terraform plans a change of the data center each time.
        "cpuArchitecture": [_CPU],
        **_unless_none(name=datacenter.name, description=datacenter.description),
    }
    view = _resource(call, datacenter, properties, depth)
    if depth >= 1:
        view["entities"] = {"lans": _lans_view(call, datacenter, depth - 1)}
    return view


def list_lans(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _lans_view(call, _datacenter(call), _depth(call), page_of(call)))


def read_lan(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _lan_view(call, _lan(call)[1], _depth(call)))


def create_lan(call: ApiCall) -> ApiAnswer:
    datacenter, requested = _datacenter(call), call.parsed(NewLanRequest).properties
    lan = LanRecord(
        id=datacenter.next_lan_id(),
        datacenter_id=datacenter.id,
        name=requested.name,
        is_public=bool(requested.public),
        block=None if requested.public else datacenter.free_block(),
        created_at=call.now,
        created_by=call.access.person,
        ready_at=_ready_at(call),
    )
    datacenter.lans[lan.id] = lan
    return _accept(call, lan, _lan_view(call, lan, 0))


def change_lan(call: ApiCall) -> ApiAnswer:
    datacenter, lan = _lan(call)
    changes = call.parsed(LanChanges)
    lan.name = changes.name or lan.name
    if changes.public is not None and changes.public != lan.is_public:
        lan.is_public = changes.public
        lan.block = None if lan.is_public else datacenter.free_block()
    lan.modified_at, lan.ready_at = call.now, _ready_at(call)
    return _accept(call, lan, _lan_view(call, lan, 0))


def delete_lan(call: ApiCall) -> ApiAnswer:
    _, lan = _lan(call)
    _refuse_while_connected(call, "LAN", lan.datacenter_id, lan.id)
    lan.gone_at = _ready_at(call)
    return _accept(call, lan)


def list_nics(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, _nics_view(call, _lan(call)[1]))


def _lan(call: ApiCall) -> tuple[DatacenterRecord, LanRecord]:
    """Return the LAN in the path, after its data center. Raises ApiRefusal 404."""
    datacenter = _datacenter(call)
    found = datacenter.lans.get(call.params["lanId"])
    if found is None or not found.exists(call.now):
        raise no_such("LAN")
    return datacenter, found


def _lans_view(
    call: ApiCall, datacenter: DatacenterRecord, depth: int, page: ListSlice | None = None
) -> dict[str, Any]:
    """Return the LANs of a data center as a list, or as one of its entities."""
    lans = [lan for lan in datacenter.lans.values() if lan.exists(call.now)]
    return _collection(
        call, f"{datacenter.path}/lans", lans, lambda lan: _lan_view(call, lan, depth - 1), page
    )


def _lan_view(call: ApiCall, lan: LanRecord, depth: int) -> dict[str, Any]:
    properties = {"public": lan.is_public, **_unless_none(name=lan.name, ipv4CidrBlock=lan.block)}
    view = _resource(call, lan, properties, depth)
    if depth >= 1:
        view["entities"] = {"nics": _nics_view(call, lan)}
    return view


def _nics_view(call: ApiCall, lan: LanRecord) -> dict[str, Any]:
    """Return the network cards of a LAN: none, since those of database clusters are the platform's."""
    return _collection(call, f"{lan.path}/nics", (), dict)


def read_request_status(call: ApiCall) -> ApiAnswer:
    request = call.cloud.requests.get(call.params["requestId"].lower())
    if request is None or request.contract != call.contract:
        raise no_such("request")
    status = "DONE" if request.done_at <= call.now else "RUNNING"
    target = {"id": request.target_id, "type": request.kind, "href": f"{call.base}/{request.path}"}
    metadata = {
        "status": status,
        "message": "Request has been successfully executed" if status == "DONE" else "Request is running",
        "targets": [{"target": target, "status": status}],
    }
    name = f"{request.id}/status"
    view = {
        "id": name,
        "type": "request-status",
        "href": f"{call.base}/requests/{name}",
        "metadata": metadata,
    }
    return ApiAnswer(200, view)


def _refuse_while_connected(call: ApiCall, kind: str, datacenter_id: str, lan_id: str | None = None) -> None:
    """Refuse to delete what a cluster is connected to. Terraform waits while it reads “delete-protected”."""
    for record in call.cloud.everything():
        at = record.network
        if at is not None and at.datacenter_id == datacenter_id and lan_id in (None, at.lan_id):
            raise ApiRefusal(403, f"{kind} is delete-protected by database cluster {record.id}")


def _ready_at(call: ApiCall) -> datetime:
    """Return the time at which a change of now is done."""
    return call.now + timedelta(seconds=call.cloud.durations.network)


def _accept(call: ApiCall, resource: VirtualResource, body: Any = None) -> ApiAnswer:
    """Return 202 with the address of the new request's status."""
    request = ProvisioningRequest(
        call.cloud.new_id(), call.contract, resource.kind, resource.id, resource.path, _ready_at(call)
    )
    call.cloud.requests[request.id] = request
    return ApiAnswer(202, body, {"location": f"{call.base}/requests/{request.id}/status"})


def _collection(
    call: ApiCall, path: str, found: Sequence[T], view: Callable[[T], Any], page: ListSlice | None = None
) -> dict[str, Any]:
    """Return a list of the API; with `page` only that part of it, and its links."""
    shown = found if page is None else cut(call, found, page)
    answer = {"id": path, "type": "collection", "href": f"{call.base}/{path}", "items": [*map(view, shown)]}
    if page is None:
        return answer
    links = links_of(call, path, page, found)
    return answer | {"offset": page.offset, "limit": page.limit, "_links": links}


def _resource(
    call: ApiCall, resource: VirtualResource, properties: dict[str, Any], depth: int
) -> dict[str, Any]:
    view = {"id": resource.id, "type": resource.kind, "href": f"{call.base}/{resource.path}"}
    if depth < 0:
        return view
    person, modified = resource.created_by, resource.modified_at
    metadata = {
        "createdDate": stamp(resource.created_at),
        "createdBy": person.name,
        "createdByUserId": person.id,
        **({} if modified is None else {"lastModifiedDate": stamp(modified)}),
        "state": "BUSY" if resource.is_busy(call.now) else "AVAILABLE",
    }
    return {**view, "metadata": metadata, "properties": properties}


def _unless_none(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


OPERATIONS = (
    SpecOperation("GET", "/", "apiInfoGet", read_api_info),
    SpecOperation("GET", "/contracts", "contractsGet", list_contracts),
    SpecOperation("GET", "/pccs", "pccsGet", list_cross_connects),
    SpecOperation("GET", "/datacenters", "datacentersGet", list_datacenters),
    SpecOperation("POST", "/datacenters", "datacentersPost", create_datacenter),
    SpecOperation("GET", _DATACENTER, "datacentersFindById", read_datacenter),
    SpecOperation("PATCH", _DATACENTER, "datacentersPatch", change_datacenter),
    SpecOperation("DELETE", _DATACENTER, "datacentersDelete", delete_datacenter),
    SpecOperation("GET", _LANS, "datacentersLansGet", list_lans),
    SpecOperation("POST", _LANS, "datacentersLansPost", create_lan),
    SpecOperation("GET", _LAN, "datacentersLansFindById", read_lan),
    SpecOperation("PATCH", _LAN, "datacentersLansPatch", change_lan),
    SpecOperation("DELETE", _LAN, "datacentersLansDelete", delete_lan),
    SpecOperation("GET", f"{_LAN}/nics", "datacentersLansNicsGet", list_nics),
    SpecOperation("GET", "/requests/{requestId}/status", "requestsStatusGet", read_request_status),
)
WORDS = frozenset(operation.path.split("/")[1] for operation in OPERATIONS) - {""}
"""The first words of these paths; none begins a path of a database API."""
