"""Calls of ionosctl's v1 commands for PostgreSQL.

Source: ionosctl's own help: `dbaas postgres` (also db; pg, pgsql, postgresql, psql) speaks v1, `dbaas
postgres-v2` and its aliases speak v2; without a unit, --ram and --storage-size of v1 count MB. The plugin of
Chef's knife has the same commands behind `knife ionoscloud` and is built on the SDK of v1 (its gem).
"""

import re
from collections.abc import Iterator
from itertools import pairwise, takewhile

from migrations.scan.findings import DeclaredSize, FilePosition, IonosctlCall, PossibleUse, read_number
from migrations.scan.readers.shell_words import Command, ShellWord

CLUSTER_TOOLS = frozenset({"ionosctl", "knife"})
SERVICES = frozenset({"dbaas", "db"})
_V1 = frozenset({"postgres", "pg", "pgsql", "postgresql", "psql"})
_RESOURCES = {
    "c": "cluster",
    "clusters": "cluster",
    "b": "backup",
    "backups": "backup",
    "u": "user",
    "users": "user",
    "d": "database",
    "db": "database",
    "databases": "database",
    "log": "logs",
    "l": "logs",
    "v": "version",
    "versions": "version",
}
_VERBS = {
    "ls": "list",
    "l": "list",
    "g": "get",
    "c": "create",
    "u": "update",
    "up": "update",
    "d": "delete",
    "del": "delete",
    "rm": "delete",
    "r": "restore",
}
_SIZE = re.compile(r"(?P<flag>--ram|--storage-size)(?:=(?P<value>\d+))?")


def find_ionosctl_uses(program: ShellWord, rest: Command) -> Iterator[PossibleUse]:
    """Yield the call and the sizes in it, if it is one for PostgreSQL on v1."""
    words = [word.text.strip('[],"') for word in rest]
    service = next((at for at, word in enumerate(words) if word in SERVICES), len(words))
    named = list(takewhile(lambda word: not word.startswith("-"), words[service + 1 :]))
    if not named or named[0] not in _V1:
        return
    resource, verb = (*named[1:3], "", "")[:2]
    values = tuple(part for word in words for part in word.split("=") if part not in named)
    yield IonosctlCall(
        place=program.place,
        values=values,
        resource=_RESOURCES.get(resource, resource),
        verb=_VERBS.get(verb, verb),
        program="knife ionoscloud" if program.text.endswith("knife") else "ionosctl",
    )
    for word, following in pairwise((*rest, ShellWord("", FilePosition(1, 1)))):
        found = _SIZE.fullmatch(word.text)
        value = read_number(found["value"] or following.text) if found else None
        if found and value is not None:
            yield DeclaredSize(place=word.place, values=values, field=found["flag"], megabytes=value)
