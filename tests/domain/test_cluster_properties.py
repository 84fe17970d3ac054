"""The table of a cluster's properties: its paths are the specifications', and one more costs little."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from added_property import EDITS
from yaml_files import read_yaml

from bot.domain.cluster import Api, Cluster
from bot.domain.cluster_properties import (
    LABELS,
    PROPERTIES,
    SWITCHES,
    offered_by,
    one_sided_properties,
    property_heading,
)
from bot.domain.errors import NotOffered

ROOT = Path(__file__).parents[2]
PRODUCT = [path for room in ("bot", "handlers", "migrations") for path in (ROOT / room).rglob("*.py")]
SCHEMAS = {Api.V1: "ClusterProperties", Api.V2: "Cluster"}


@pytest.fixture(scope="module")
def properties():
    """Return every property of a cluster in each specification, by its path: its schema."""
    found = {}
    for api, name in SCHEMAS.items():
        schemas = read_yaml(ROOT / f"tests/specs/ionos-{api}.openapi.yaml")["components"]["schemas"]
        found[api] = dict(_flatten_schema(schemas[name], schemas))
    return found


def _flatten_schema(schema, schemas, path=()):
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    for part in schema.get("allOf", ()):
        yield from _flatten_schema(part, schemas, path)
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _flatten_schema(inner, schemas, (*path, name))


@pytest.mark.parametrize("api", Api)
def test_every_path_is_one_of_the_specification_and_of_its_type(properties, api):
    words = {str: "string", int: "integer", bool: "boolean"}
    for each, path in offered_by(api):
        schema = properties[api].get(path)
        assert schema is not None, (each.field, path)
        assert schema.get("type") in {words.get(each.kind), None, "object", "array"}, each.field


def test_every_property_is_a_field_of_the_domain_that_some_api_has():
    assert {each.field for each in PROPERTIES} <= {each.name for each in fields(Cluster)}
    assert all(each.v1 or each.v2 for each in PROPERTIES)
    assert len({each.field for each in PROPERTIES}) == len(PROPERTIES)
    assert property_heading("ram_mb") == "RAM per instance"
    assert LABELS["maintenance"] == "maintenance window"


@pytest.mark.parametrize("api", Api)
def test_what_an_api_lacks_is_refused_in_words(api):
    for each in PROPERTIES:
        if each.path(api):
            each.require(api)
            continue
        with pytest.raises(NotOffered, match=f"The {api} API does not support") as caught:
            each.require(api)
        assert caught.value.next_step


def test_only_what_one_api_lacks_is_one_sided():
    assert set(one_sided_properties(Api.V1)) == {"description", "logs_enabled", "metrics_enabled"}
    assert set(one_sided_properties(Api.V2)) == {"storage_type"}


@pytest.mark.parametrize("name", [word for each in SWITCHES for word in (each.field, each.v2)])
def test_a_switch_is_named_in_at_most_four_product_files(name):
    word = re.compile(rf"\b{name}\b")

    assert len([path for path in PRODUCT if word.search(path.read_text(encoding="utf-8"))]) <= 4


def test_one_more_switch_takes_at_most_four_product_files():
    """It is created, shown, copied, changed, read back, compared, packed and kept by the simulator."""
    assert len(EDITS) <= 4
    walk = ROOT / "tests/support/added_property.py"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, walk], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
