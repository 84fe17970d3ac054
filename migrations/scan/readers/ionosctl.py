"""Calls of ionosctl's v1 commands for PostgreSQL.

Source: ionosctl's own help: `dbaas postgres` (also db; pg, pgsql, postgresql, psql) speaks v1, `dbaas
postgres-v2` and its aliases speak v2; without a unit, --ram and --storage-size of v1 count MB. The plugin of
Chef's knife has the same commands behind `knife ionoscloud` and is built on the SDK of v1 (its gem).
"""

import re
from itertools import pairwise, takewhile

from migrations.scan.findings import DeclaredSize, IonosctlCall, Uses, read_number
from migrations.scan.readers.shell_words import NO_WORD, Command, ShellWord

CLUSTER_TOOLS = frozenset({"ionosctl", "knife"})
SERVICES = frozenset({"dbaas", "db"})
_V1 = frozenset({"postgres", "pg", "pgsql", "postgresql", "psql"})
_RESOURCES = {
    **dict.fromkeys(("c", "clusters"), "cluster"),
    **dict.fromkeys(("b", "backups"), "backup"),
    **dict.fromkeys(("u", "users"), "user"),
    **dict.fromkeys(("d", "db", "databases"), "database"),
    **dict.fromkeys(("l", "log"), "logs"),
    **dict.fromkeys(("v", "versions"), "version"),
}
_VERBS = {
    **dict.fromkeys(("ls", "l"), "list"),
    **dict.fromkeys(("u", "up"), "update"),
    **dict.fromkeys(("d", "del", "rm"), "delete"),
    "g": "get",
    "c": "create",
    "r": "restore",
}
_SIZE = re.compile(r"(?P<flag>--ram|--storage-size)(?:=(?P<value>\d+))?")


def find_ionosctl_uses(program: ShellWord, rest: Command) -> Uses:
    """Yield the call and the sizes in it, if it is one for PostgreSQL on v1."""
    words = [word.text.strip('[],"') for word in rest]
    service = next((at for at, word in enumerate(words) if word in SERVICES), len(words))
    named = list(takewhile(lambda word: not word.startswith("-"), words[service + 1 :]))
    if not named or named[0] not in _V1:
        return
    resource, verb = (*named[1:3], "", "")[:2]
    values = tuple(part for word in words for part in word.split("=") if part not in named)
    yield IonosctlCall(
        program.place,
        values=values,
        resource=_RESOURCES.get(resource, resource),
        verb=_VERBS.get(verb, verb),
        program="knife ionoscloud" if program.text.endswith("knife") else "ionosctl",
    )
    for word, following in pairwise((*rest, NO_WORD)):
        found = _SIZE.fullmatch(word.text)
        value = read_number(found["value"] or following.text) if found else None
        if found and value is not None:
            yield DeclaredSize(word.place, values=values, field=found["flag"], megabytes=value)
