"""Objects in YAML and JSON that declare clusters: Crossplane's, and the resources of Pulumi's YAML.

Source: the providers' examples. provider-ionoscloud: group dbaas.ionoscloud.crossplane.io, kinds
PostgresCluster, PostgresUser and PostgresDatabase, before them dbaas.postgres.ionoscloud.crossplane.io,
kind Cluster. provider-upjet-ionoscloud: postgresql.ionoscloud.io (in a namespace
postgresql.m.ionoscloud.io), kinds PostgresqlCluster and so on; postgresqlv2 in the group is v2. ram and
storageSize count MB as v1 does.

Pulumi's registry: `ionoscloud:dbaas:PSQLCluster`, PSQLUser and PSQLDatabase (package ionoscloud 0.x),
`ionoscloud:PgCluster` (made of the Terraform provider); those of v2 end in V2. Sizes are MB in v1's.
"""

import re
from collections.abc import Mapping

from yaml.nodes import MappingNode, Node, ScalarNode

from migrations.scan.findings import CrossplaneManifest, TerraformBlock, Uses
from migrations.scan.readers.yaml_nodes import (
    find_declared_sizes,
    mapping_items,
    nodes_in,
    place_of,
    text_of,
    texts_of,
)

_CROSSPLANE = re.compile(
    r"dbaas\.ionoscloud\.crossplane\.io/\w+ Postgres[A-Z]\w*"
    r"|dbaas\.postgres\.ionoscloud\.crossplane\.io/\w+ \w+"
    r"|postgresql\.(?:m\.)?ionoscloud\.io/\w+ Postgresql[A-Z]\w*"
)
_CLUSTER_NAMES = frozenset({"name", "displayName", "crossplane.io/external-name"})
_PULUMI = re.compile(
    r"(?:fn::)?ionoscloud:(?:\w+(?:/\w+)?:)?(?P<call>get)?(?P<type>(?:PSQL|Pg)[A-Z]\w*?)(?P<v2>[Vv]2)?"
)
_REFERENCE = re.compile(r"\$\{(?P<name>[\w-]{1,80})[.}]")


def find_manifests(root: Node) -> Uses:
    """Yield Crossplane's objects anywhere in a tree, as a list of them or a bundle has them."""
    for node in nodes_in(root):
        yield from find_manifest_uses(node)


def find_manifest_uses(node: Node) -> Uses:
    """Yield the object of Crossplane that a mapping is, if it is one of v1's, and the sizes in it."""
    fields = dict(mapping_items(node))
    version, kind = text_of(fields.get("apiVersion")), text_of(fields.get("kind"))
    if not _CROSSPLANE.fullmatch(f"{version} {kind}"):
        return
    specs = [value for name, value in mapping_items(fields.get("spec")) if name == "forProvider"]
    provided = [pair for each in specs for pair in mapping_items(each)]
    metadata = dict(mapping_items(fields.get("metadata")))
    named = (*metadata.items(), *mapping_items(metadata.get("annotations")), *provided)
    values = tuple(text for name, each in named if name in _CLUSTER_NAMES and (text := text_of(each)))
    group = version.partition("/")[0]
    yield CrossplaneManifest(place_of(fields["kind"]), values=values, kind=kind, group=group)
    yield from find_declared_sizes(provided, values)


def find_resource_texts(root: Node) -> dict[str, tuple[str, ...]]:
    """Return the texts of each resource of Pulumi's program, by its name there."""
    named = mapping_items(dict(mapping_items(root)).get("resources"))
    bodies = ((name, dict(mapping_items(each)).get("properties")) for name, each in named)
    return {name: texts_of(body) for name, body in bodies if body is not None}


def find_pulumi_uses(node: MappingNode, resources: Mapping[str, tuple[str, ...]]) -> Uses:
    """Yield the resource or the call of Pulumi that a mapping is, if it is one of v1's, and the sizes in it.

    `resources` are those of the program, which a property refers to as `${name.id}`.
    """
    fields = dict(mapping_items(node))
    given = fields.get("properties", fields.get("arguments"))
    tokens = [(text_of(fields[name]), fields[name], given) for name in ("type", "function") if name in fields]
    tokens += [
        (key.value, key, value)
        for key, value in node.value
        if isinstance(key, ScalarNode) and key.value.startswith("fn::ionoscloud:")
    ]
    for token, at, properties in tokens:
        found = _PULUMI.fullmatch(token)
        if found is None or found["v2"]:
            continue
        texts = texts_of(properties)
        referred = (each["name"] for text in texts for each in _REFERENCE.finditer(text))
        values = (*texts, *(value for name in referred for value in resources.get(name, ())))
        block, kind = "data" if found["call"] else "resource", f"ionoscloud {found['type']}"
        yield TerraformBlock(place_of(at), values=values, block=block, type=kind, name="")
        yield from find_declared_sizes(mapping_items(properties), values)
