"""IONOS's own v1 client as a program: one call per line of JSON in, the decoded answer per line of JSON
out."""

import json
import sys
from types import SimpleNamespace

import ionoscloud_dbaas_postgres as sdk

MODELS = {
    "create_cluster_request": "CreateClusterRequest",
    "patch_cluster_request": "PatchClusterRequest",
    "create_restore_request": "CreateRestoreRequest",
    "user": "User",
    "users_patch_request": "UsersPatchRequest",
    "database": "Database",
}


def open_client(order):
    """Open the SDK as its users do: with a token, or with a name and a password."""
    login = order.get("login")
    words = {"username": login[0], "password": login[1]} if login else {"token": "demo-token"}
    return sdk.ApiClient(sdk.Configuration(host=order["host"], **words))


def body(client, name, value):
    """Return a request body as the SDK's own model; a raw one stays the dictionary that it is."""
    return client.deserialize(SimpleNamespace(data=json.dumps(value)), MODELS[name])


def carry_out(order):
    client = open_client(order)
    api, _, method = order["call"].partition(".")
    given = dict(order["given"])
    for name in MODELS.keys() & given.keys():
        given[name] = given[name] if order["raw"] else body(client, name, given[name])
    try:
        data, status, _ = getattr(getattr(sdk, api)(client), f"{method}_with_http_info")(**given)
    except sdk.ApiException as error:
        return {"status": error.status, "type": "ApiException", "data": json.loads(error.body)}
    return {"status": status, "type": type(data).__name__, "data": plain(data)}


def plain(data):
    """Return decoded models as dictionaries, by the names of their attributes."""
    if isinstance(data, list):
        return [plain(each) for each in data]
    return data.to_dict() if hasattr(data, "to_dict") else data


def marked(value):
    """Mark a time that the SDK has decoded, so that it differs from a text that it has left alone."""
    return {type(value).__name__: value.isoformat()}


for line in sys.stdin:
    sys.stdout.write(json.dumps(carry_out(json.loads(line)), default=marked) + "\n")
    sys.stdout.flush()
