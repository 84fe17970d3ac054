"""Pulumi's YAML: resources and functions of IONOS's package and of the one made of the Terraform provider.

Source: Pulumi's registry: `ionoscloud:dbaas:PSQLCluster`, PSQLUser and PSQLDatabase (package ionoscloud 0.x),
`ionoscloud:PgCluster` (made of the provider); those of v2 end in V2. Sizes are MB in v1's.
"""

import re
from collections.abc import Iterator, Mapping

from yaml.nodes import MappingNode, Node, ScalarNode

from migrations.scan.findings import DeclaredSize, PossibleUse, TerraformBlock, read_number
from migrations.scan.readers.yaml_nodes import mapping_items, place_of, text_of, texts_of

_TOKEN = re.compile(
    r"(?:fn::)?ionoscloud:(?:\w+(?:/\w+)?:)?(?P<call>get)?(?P<type>(?:PSQL|Pg)[A-Z]\w*?)(?P<v2>[Vv]2)?"
)
_REFERENCE = re.compile(r"\$\{(?P<name>[\w-]{1,80})[.}]")
_SIZES = frozenset({"ram", "storageSize"})


def find_resource_texts(root: Node) -> dict[str, tuple[str, ...]]:
    """Return the texts of each resource of a program, by its name there."""
    resources = dict(mapping_items(root)).get("resources")
    named = mapping_items(resources) if resources is not None else iter(())
    bodies = ((name, dict(mapping_items(each)).get("properties")) for name, each in named)
    return {name: texts_of(body) for name, body in bodies if body is not None}


def find_pulumi_uses(node: MappingNode, resources: Mapping[str, tuple[str, ...]]) -> Iterator[PossibleUse]:
    """Yield the resource or the call that a mapping is, if it is one of v1's, and the sizes in it.

    `resources` are those of the program, which a property refers to as `${name.id}`.
    """
    fields = dict(mapping_items(node))
    for name in ("type", "function"):
        if name in fields:
            given = fields.get("properties", fields.get("arguments"))
            yield from _token(text_of(fields[name]) or "", fields[name], given, resources)
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.value.startswith("fn::ionoscloud:"):
            yield from _token(key.value, key, value, resources)


def _token(
    token: str, at: Node, properties: Node | None, resources: Mapping[str, tuple[str, ...]]
) -> Iterator[PossibleUse]:
    found = _TOKEN.fullmatch(token)
    if found is None or found["v2"]:
        return
    texts = texts_of(properties) if properties is not None else ()
    referred = (each["name"] for text in texts for each in _REFERENCE.finditer(text))
    values = (*texts, *(value for name in referred for value in resources.get(name, ())))
    block = "data" if found["call"] else "resource"
    yield TerraformBlock(
        place=place_of(at), values=values, block=block, type=f"ionoscloud {found['type']}", name=""
    )
    for name, value in mapping_items(properties) if properties is not None else ():
        number = read_number(text_of(value) or "")
        if name in _SIZES and number is not None:
            yield DeclaredSize(place=place_of(value), values=values, field=name, megabytes=number)
