"""The check of the simulator's answers against their specification."""

from functools import cache
from urllib.parse import unquote

from cloud_schemas import SPECS
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from yaml_files import read_yaml


def check_answer(api, operation_path, response):
    """Assert that status, content type and body match the specification of this operation."""
    pointer = answer_pointer(api, operation_path, response)
    if pointer is None:
        assert response.content == b""
    else:
        assert list(validator(api, pointer).iter_errors(response.json())) == []


def answer_pointer(api, operation_path, response):
    """Return a reference to the schema of the answer's body, None for no body.

    Asserts that the content type is a documented one.
    """
    method = response.request.method
    answers = _operations(api)[method, operation_path]["responses"]
    status = str(response.status_code) if str(response.status_code) in answers else "default"
    answer = answers[status]
    where = f"paths/{_escaped(operation_path)}/{method.lower()}/responses/{status}"
    if "$ref" in answer:
        where = answer["$ref"].removeprefix("#/")
        answer = _document(api)["components"]["responses"][where.rpartition("/")[2]]
    if "content" not in answer:
        return None
    kind = response.headers["content-type"]
    assert kind in answer["content"]
    return f"#/{where}/content/{_escaped(kind)}/schema"


def resolve(api, node):
    """Return what a reference stands for; any other node as it is."""
    while "$ref" in node:
        found = _document(api)
        for part in unquote(node["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _escaped(part):
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


@cache
def _document(api):
    return _without_nullable(read_yaml(SPECS / f"ionos-{api}.openapi.yaml"))


def _without_nullable(node):
    """Translate OpenAPI 3.0's `nullable` into JSON Schema's type "null"."""
    if isinstance(node, list):
        return [_without_nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    node = {key: _without_nullable(value) for key, value in node.items()}
    if node.pop("nullable", False):
        node["type"] = [node["type"], "null"]
    return node


@cache
def _operations(api):
    return {
        (method.upper(), path): operation
        for path, methods in _document(api)["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


@cache
def validator(api, reference):
    resource = Resource.from_contents(_document(api), default_specification=DRAFT202012)
    registry = Registry().with_resource(f"urn:{api}", resource)
    return Draft202012Validator({"$ref": f"urn:{api}{reference}"}, registry=registry)
