"""The part of the Cloud API v6 that Terraform, Ansible and ionosctl ask for a database cluster.

A change is answered 202 with a `Location`: the address of a request's status, which the clients ask until it
is DONE. Source: the Cloud API's reference, the Terraform provider 6.7.34 (data centers, LANs, their network
cards, contracts), the Ansible collection 7.8.0 (also private cross-connects) and ionosctl 6.10.3 (also the
API's own version).
"""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from bot.demo.cloud.call import ApiAnswer, ApiCall, SpecOperation, need
from bot.demo.cloud.cloud_api_views import (
    collection,
    contract_view,
    datacenter_path,
    datacenter_view,
    lan_path,
    lan_view,
    lans_view,
    nics_view,
    request_status_view,
)
from bot.demo.cloud.networks import DatacenterRecord, LanRecord, ProvisioningRequest, VirtualResource
from bot.demo.cloud.paging import page_of, whole_number
from bot.demo.cloud.places import REGION_BY_LOCATION
from bot.demo.cloud.refusals import ApiRefusal, no_such
from bot.demo.cloud.rules import Filled, RequestModel

PREFIX = "/cloudapi/v6"
_DATACENTER = "/datacenters/{datacenterId}"
_LANS = f"{_DATACENTER}/lans"
_LAN = f"{_LANS}/{{lanId}}"


class DatacenterChanges(RequestModel):
    name: Filled | None = None
    description: str | None = None


class NewDatacenter(DatacenterChanges):
    location: Filled


class NewDatacenterRequest(RequestModel):
    properties: NewDatacenter


class LanChanges(RequestModel):
    name: str | None = None
    public: bool | None = None


class NewLanRequest(RequestModel):
    properties: Annotated[LanChanges, Field(default_factory=LanChanges)]


def read_api_info(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, {"href": call.base, "name": "CLOUD API", "version": "6.0"})


def list_contracts(call: ApiCall) -> ApiAnswer:
    """Return every contract of the credential, whichever the header names."""
    owner = call.access.person.name
    return ApiAnswer(
        200, collection(call, "contracts", call.access.contracts, lambda each: contract_view(each, owner))
    )


def list_cross_connects(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, collection(call, "pccs", (), dict, page_of(call)))


def _depth(call: ApiCall) -> int:
    return whole_number(call, "depth", 0, (0, 10))


def list_datacenters(call: ApiCall) -> ApiAnswer:
    found, depth = [*call.cloud.networks.of_contract(call.contract, call.now)], _depth(call)
    view = collection(
        call, "datacenters", found, lambda each: datacenter_view(call, each, depth - 1), page_of(call)
    )
    return ApiAnswer(200, view)


def read_datacenter(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, datacenter_view(call, _datacenter(call), _depth(call)))


def create_datacenter(call: ApiCall) -> ApiAnswer:
    requested = call.parsed(NewDatacenterRequest).properties
    need(requested.location in REGION_BY_LOCATION, "properties.location is not known")
    datacenter = DatacenterRecord(
        id=call.cloud.new_id(),
        name=requested.name,
        description=requested.description,
        location=requested.location,
        contract=call.contract,
        created_at=call.now,
        created_by=call.access.person,
        ready_at=call.now + _time_taken(call),
    )
    call.cloud.networks.add(datacenter)
    return _accept(call, datacenter, datacenter_path(datacenter), datacenter_view(call, datacenter, 0))


def change_datacenter(call: ApiCall) -> ApiAnswer:
    datacenter, changes = _datacenter(call), call.parsed(DatacenterChanges)
    datacenter.name = changes.name or datacenter.name
    datacenter.description = datacenter.description if changes.description is None else changes.description
    datacenter.version += 1
    _touch(call, datacenter)
    return _accept(call, datacenter, datacenter_path(datacenter), datacenter_view(call, datacenter, 0))


def delete_datacenter(call: ApiCall) -> ApiAnswer:
    datacenter = _datacenter(call)
    _refuse_while_connected(call, "Data center", datacenter)
    datacenter.gone_at = call.now + _time_taken(call)
    return _accept(call, datacenter, datacenter_path(datacenter))


def list_lans(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, lans_view(call, _datacenter(call), _depth(call), page_of(call)))


def read_lan(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, lan_view(call, *_lan(call), _depth(call)))


def create_lan(call: ApiCall) -> ApiAnswer:
    datacenter, requested = _datacenter(call), call.parsed(NewLanRequest).properties
    lan = LanRecord(
        id=datacenter.next_lan_id(),
        name=requested.name,
        is_public=bool(requested.public),
        block=None if requested.public else datacenter.free_block(),
        created_at=call.now,
        created_by=call.access.person,
        ready_at=call.now + _time_taken(call),
    )
    datacenter.lans[lan.id] = lan
    return _accept(call, lan, lan_path(datacenter, lan), lan_view(call, datacenter, lan, 0))


def change_lan(call: ApiCall) -> ApiAnswer:
    datacenter, lan = _lan(call)
    changes = call.parsed(LanChanges)
    lan.name = changes.name or lan.name
    if changes.public is not None and changes.public != lan.is_public:
        lan.is_public = changes.public
        lan.block = None if lan.is_public else datacenter.free_block()
    _touch(call, lan)
    return _accept(call, lan, lan_path(datacenter, lan), lan_view(call, datacenter, lan, 0))


def delete_lan(call: ApiCall) -> ApiAnswer:
    datacenter, lan = _lan(call)
    _refuse_while_connected(call, "LAN", datacenter, lan.id)
    lan.gone_at = call.now + _time_taken(call)
    return _accept(call, lan, lan_path(datacenter, lan))


def list_nics(call: ApiCall) -> ApiAnswer:
    return ApiAnswer(200, nics_view(call, lan_path(*_lan(call))))


def read_request_status(call: ApiCall) -> ApiAnswer:
    request = call.cloud.networks.find_request(call.params["requestId"])
    if request is None or request.contract != call.contract:
        raise no_such("request")
    return ApiAnswer(200, request_status_view(call, request))


def _datacenter(call: ApiCall) -> DatacenterRecord:
    """Return the data center in the path. Raises ApiRefusal 404."""
    found = call.cloud.networks.find(call.params["datacenterId"])
    if found is None or found.contract != call.contract or not found.exists(call.now):
        raise no_such("data center")
    return found


def _lan(call: ApiCall) -> tuple[DatacenterRecord, LanRecord]:
    """Return the LAN in the path, after its data center. Raises ApiRefusal 404."""
    datacenter = _datacenter(call)
    found = datacenter.lans.get(call.params["lanId"])
    if found is None or not found.exists(call.now):
        raise no_such("LAN")
    return datacenter, found


def _refuse_while_connected(
    call: ApiCall, kind: str, datacenter: DatacenterRecord, lan_id: str | None = None
) -> None:
    """Refuse to delete what a cluster is connected to. Terraform waits while it reads “delete-protected”."""
    for record in call.cloud.everything():
        at = record.network
        if at is not None and at.datacenter_id == datacenter.id and lan_id in (None, at.lan_id):
            raise ApiRefusal(403, f"{kind} is delete-protected by database cluster {record.id}")


def _touch(call: ApiCall, resource: VirtualResource) -> None:
    resource.modified_at, resource.ready_at = call.now, call.now + _time_taken(call)


def _time_taken(call: ApiCall) -> timedelta:
    return timedelta(seconds=call.cloud.durations.network)


def _accept(call: ApiCall, resource: VirtualResource, path: str, body: Any = None) -> ApiAnswer:
    """Return 202 with the address of the new request's status."""
    request = ProvisioningRequest(
        call.cloud.new_id(), call.contract, resource.kind, resource.id, path, call.now + _time_taken(call)
    )
    call.cloud.networks.accept(request)
    return ApiAnswer(202, body, {"location": f"{call.base}/requests/{request.id}/status"})


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
