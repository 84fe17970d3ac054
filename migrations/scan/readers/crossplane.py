"""Crossplane objects of IONOS's provider for PostgreSQL.

Source: the providers' examples. provider-ionoscloud: group dbaas.ionoscloud.crossplane.io, kinds
PostgresCluster, PostgresUser and PostgresDatabase, before them dbaas.postgres.ionoscloud.crossplane.io,
kind Cluster. provider-upjet-ionoscloud: postgresql.ionoscloud.io (in a namespace
postgresql.m.ionoscloud.io), kinds PostgresqlCluster and so on; postgresqlv2 in the group is v2. ram and
storageSize count MB as v1 does.
"""

import re
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, SequenceNode

from migrations.scan.findings import CrossplaneManifest, DeclaredSize, PossibleUse, read_number
from migrations.scan.readers.yaml_nodes import mapping_items, place_of, text_of

_V1 = re.compile(
    r"dbaas\.ionoscloud\.crossplane\.io/\w+ Postgres[A-Z]\w*"
    r"|dbaas\.postgres\.ionoscloud\.crossplane\.io/\w+ \w+"
    r"|postgresql\.(?:m\.)?ionoscloud\.io/\w+ Postgresql[A-Z]\w*"
)
_SIZES = frozenset({"ram", "storageSize"})


def find_manifests(root: Node) -> Iterator[PossibleUse]:
    """Yield the objects anywhere in a tree, as a list of them or a bundle has them."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, MappingNode):
            yield from find_manifest_uses(node)
            pending += (value for _, value in reversed(node.value))
        elif isinstance(node, SequenceNode):
            pending += reversed(node.value)


def find_manifest_uses(node: Node) -> Iterator[PossibleUse]:
    """Yield the object that a mapping is, if it is one of v1's, and the sizes in it."""
    fields = dict(mapping_items(node))
    version, kind = text_of(fields.get("apiVersion")) or "", text_of(fields.get("kind")) or ""
    if not _V1.fullmatch(f"{version} {kind}"):
        return
    values = tuple(_names(fields))
    yield CrossplaneManifest(
        place=place_of(fields["kind"]), values=values, kind=kind, group=version.partition("/")[0]
    )
    for name, value in _provided(fields):
        number = read_number(text_of(value) or "")
        if name in _SIZES and number is not None:
            yield DeclaredSize(place=place_of(value), values=values, field=name, megabytes=number)


def _names(fields: dict[str, Node]) -> Iterator[str]:
    """Yield what may name the cluster: the object's name and external name, and the display name."""
    metadata = dict(mapping_items(fields["metadata"])) if "metadata" in fields else {}
    annotations = mapping_items(metadata["annotations"]) if "annotations" in metadata else iter(())
    requested = {"name", "displayName", "crossplane.io/external-name"}
    for name, value in (*metadata.items(), *annotations, *_provided(fields)):
        text = text_of(value)
        if name in requested and text:
            yield text


def _provided(fields: dict[str, Node]) -> Iterator[tuple[str, Node]]:
    for name, value in mapping_items(fields["spec"]) if "spec" in fields else iter(()):
        if name == "forProvider":
            yield from mapping_items(value)
