"""IONOS's own v2 client as a program: one call per line of JSON in, the decoded answer per line of JSON
out."""

import json
import sys

import ionoscloud_dbaas_postgres as sdk

MODELS = {"cluster_create": sdk.ClusterCreate, "cluster_ensure": sdk.ClusterEnsure}
PATHS = {"ClustersApi.clusters_post": ("POST", "/clusters", "cluster_create")}


def carry_out(order):
    client = sdk.ApiClient(sdk.Configuration(host=order["host"], token="demo-token"))
    given = dict(order["given"])
    try:
        if order["raw"]:
            return shown(send_raw(client, order["call"], given))
        for name in MODELS.keys() & given.keys():
            given[name] = body(name, given[name])
        api, _, method = order["call"].partition(".")
        return shown(getattr(getattr(sdk, api)(client), f"{method}_with_http_info")(**given))
    except sdk.ApiException as error:
        return {"status": error.status, "type": type(error.data).__name__, "data": error.data.to_dict()}
    except ValueError as error:
        # Refusals by the SDK's own models, of a request or an answer.
        return {"status": 0, "type": type(error).__name__, "data": str(error)}


def body(name, value):
    """Return a request body as the SDK's own model.

    Its `from_dict` refuses every `restoreFromBackup`, since each matches both of its alternatives: as the
    SDK's users must, build the intended one by its own name.
    """
    properties = dict(value["properties"])
    restore = properties.pop("restoreFromBackup", None)
    made = MODELS[name].from_dict(value | {"properties": properties})
    if restore is not None:
        in_place = "sourceBackupId" not in restore
        kind = (
            sdk.PostgresInPlaceRestoreClusterFromBackup if in_place else sdk.PostgresRestoreClusterFromBackup
        )
        made.properties.restore_from_backup = sdk.ClusterRestoreFromBackup(kind.from_dict(restore))
    return made


def send_raw(client, call, given):
    """Send a body that this SDK's models have no field for, such as that of an older SDK."""
    method, path, name = PATHS[call]
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    sent = client.param_serialize(
        method, path, body=given[name], header_params=headers, auth_settings=["tokenAuth"]
    )
    answer = client.call_api(*sent)
    answer.read()
    return client.response_deserialize(answer, {"201": "ClusterRead", "422": "Error"})


def shown(answer):
    data = answer.data
    plain = data.to_dict() if hasattr(data, "to_dict") else data
    return {"status": answer.status_code, "type": type(data).__name__, "data": plain}


def marked(value):
    """Mark a time that the SDK has decoded, so that it differs from a text that it has left alone."""
    return {type(value).__name__: value.isoformat()}


for line in sys.stdin:
    sys.stdout.write(json.dumps(carry_out(json.loads(line)), default=marked) + "\n")
    sys.stdout.flush()
