"""Views of data centers, LANs, requests and contracts, as the Cloud API shows them.

`depth` is the API's: a reference alone below 0, the resource itself at 0, with its entities from 1 on. A list
shows its items one level less deep. Source: the Cloud API's reference, and the Go SDK v6.3.10 for its types.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bot.demo.cloud.api_times import stamp
from bot.demo.cloud.call import ApiCall
from bot.demo.cloud.networks import DatacenterRecord, LanRecord, ProvisioningRequest, VirtualResource
from bot.demo.cloud.paging import ListSlice, cut, links_of

_CPU = {"cpuFamily": "INTEL_ICELAKE", "maxCores": 64, "maxRam": 262_144, "vendor": "GenuineIntel"}
T = TypeVar("T")


def collection(
    call: ApiCall, path: str, found: Sequence[T], view: Callable[[T], Any], page: ListSlice | None = None
) -> dict[str, Any]:
    """Return a list of the API; with `page` only that part of it, and its links."""
    shown = found if page is None else cut(call, found, page)
    answer = {"id": path, "type": "collection", "href": f"{call.base}/{path}", "items": [*map(view, shown)]}
    if page is None:
        return answer
    has_more = page.offset + page.limit < len(found)
    links = links_of(call, path, page, has_more=has_more)
    return answer | {"offset": page.offset, "limit": page.limit, "_links": links}


def datacenter_path(datacenter: DatacenterRecord) -> str:
    return f"datacenters/{datacenter.id}"


def lan_path(datacenter: DatacenterRecord, lan: LanRecord) -> str:
    return f"{datacenter_path(datacenter)}/lans/{lan.id}"


def datacenter_view(call: ApiCall, datacenter: DatacenterRecord, depth: int) -> dict[str, Any]:
    properties = {
        "location": datacenter.location,
        "version": datacenter.version,
        "secAuthProtection": False,
        # Without it, Terraform plans a change of the data center each time.
        "cpuArchitecture": [_CPU],
        **_unless_none(name=datacenter.name, description=datacenter.description),
    }
    path = datacenter_path(datacenter)
    view = _resource(call, path, datacenter, properties, depth)
    if depth >= 1:
        view["entities"] = {"lans": lans_view(call, datacenter, depth - 1)}
    return view


def lans_view(
    call: ApiCall, datacenter: DatacenterRecord, depth: int, page: ListSlice | None = None
) -> dict[str, Any]:
    """Return the LANs of a data center as a list, or as one of its entities."""
    lans = [lan for lan in datacenter.lans.values() if lan.exists(call.now)]
    path = f"{datacenter_path(datacenter)}/lans"
    return collection(call, path, lans, lambda lan: lan_view(call, datacenter, lan, depth - 1), page)


def lan_view(call: ApiCall, datacenter: DatacenterRecord, lan: LanRecord, depth: int) -> dict[str, Any]:
    properties = {"public": lan.is_public, **_unless_none(name=lan.name, ipv4CidrBlock=lan.block)}
    path = lan_path(datacenter, lan)
    view = _resource(call, path, lan, properties, depth)
    if depth >= 1:
        view["entities"] = {"nics": nics_view(call, path)}
    return view


def nics_view(call: ApiCall, lan_path: str) -> dict[str, Any]:
    """Return the network cards of a LAN: none, since those of database clusters are the platform's."""
    return collection(call, f"{lan_path}/nics", (), dict)


def request_status_view(call: ApiCall, request: ProvisioningRequest) -> dict[str, Any]:
    status = "DONE" if request.done_at <= call.now else "RUNNING"
    target = {"id": request.target_id, "type": request.kind, "href": f"{call.base}/{request.path}"}
    return {
        "id": f"{request.id}/status",
        "type": "request-status",
        "href": f"{call.base}/requests/{request.id}/status",
        "metadata": {
            "status": status,
            "message": "Request has been successfully executed" if status == "DONE" else "Request is running",
            "targets": [{"target": target, "status": status}],
        },
    }


def contract_view(number: int, owner: str) -> dict[str, Any]:
    """Return a contract without `resourceLimits`, which are those of servers."""
    properties = {
        "contractNumber": number,
        "owner": owner,
        "status": "BILLABLE",
        "regDomain": "ionos.example",
    }
    return {"type": "contract", "properties": properties}


def _resource(
    call: ApiCall, path: str, resource: VirtualResource, properties: dict[str, Any], depth: int
) -> dict[str, Any]:
    view = {"id": resource.id, "type": resource.kind, "href": f"{call.base}/{path}"}
    return view if depth < 0 else {**view, "metadata": _metadata(call, resource), "properties": properties}


def _metadata(call: ApiCall, resource: VirtualResource) -> dict[str, str]:
    person = resource.created_by
    changed = {} if resource.modified_at is None else {"lastModifiedDate": stamp(resource.modified_at)}
    return {
        "createdDate": stamp(resource.created_at),
        "createdBy": person.name,
        "createdByUserId": person.id,
        **changed,
        "state": "BUSY" if resource.is_busy(call.now) else "AVAILABLE",
    }


def _unless_none(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
