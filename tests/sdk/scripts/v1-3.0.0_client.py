"""IONOS's clients of API v1 (3.0.0) and of the Cloud API as a program: one call per line of JSON in, the
decoded answer per line of JSON out."""

import json
import sys

import ionoscloud as cloud_sdk
import ionoscloud_dbaas_postgres as sdk


def carry_out(order):
    api, _, method = order["call"].partition(".")
    package = sdk if hasattr(sdk, api) and api != "ApiClient" else cloud_sdk
    client = package.ApiClient(package.Configuration(host=order["host"], token="demo-token"))
    try:
        if api == "ApiClient":
            getattr(client, method)(**order["given"])
            return {"status": 200, "type": "NoneType", "data": None}
        answer = getattr(getattr(package, api)(client), f"{method}_with_http_info")(**order["given"])
    except package.ApiException as error:
        return {"status": error.status, "type": "ApiException", "data": json.loads(error.body)}
    except ValueError as error:
        # Refusals by the SDK's own models.
        return {"status": 0, "type": type(error).__name__, "data": str(error)}
    data, status, headers = answer if package is cloud_sdk else (answer.data, answer.status_code, {})
    plain = data.to_dict() if hasattr(data, "to_dict") else data
    return {"status": status, "type": type(data).__name__, "data": plain, "location": headers.get("Location")}


def marked(value):
    """Mark a time that the SDK has decoded, so that it differs from a text that it has left alone."""
    return {type(value).__name__: value.isoformat()}


for line in sys.stdin:
    sys.stdout.write(json.dumps(carry_out(json.loads(line)), default=marked) + "\n")
    sys.stdout.flush()
