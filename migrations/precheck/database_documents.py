"""The SQL files of `pgbot precheck` and the JSON documents that they print, one for each database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.domain.text_safety import visible

EVERY_PART = "*"
"""The part of an entry in `unread` that concerns a whole database."""

NOT_READ = "pgbot precheck did not connect to it"

VALUE_LIMIT = 200
"""Characters of a value that are shown; PostgreSQL's own names have at most 63."""

NO_SUCH_PART = "the document does not have this part"

_DEFAULT_LIMIT = "SET LOCAL statement_timeout = '60s';"
_NO_CLUSTER = "SET LOCAL pgbot.cluster = '';"

Parts = dict[str, dict[str, Any]]
"""What was read, by the name of the part; the form of each is that of its SQL file."""


@dataclass(frozen=True, slots=True)
class PartItem:
    """One thing that was found. `database` is None for what concerns the whole server."""

    database: str | None
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a value in one safe line, empty where there is none."""
        value = self.values.get(name)
        return "" if value is None else visible(str(value))[:VALUE_LIMIT]

    __getitem__ = text  # for `str.format_map`

    def number(self, name: str) -> float:
        """Return a number, 0 where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, int | float) else 0


class CheckKind(StrEnum):
    """The kinds of documents, named as their SQL file."""

    PRECHECK = "precheck"
    AFTERCHECK = "aftercheck"

    @property
    def schema(self) -> str:
        """The value of `$schema`. A change that could break a reader makes it 2."""
        return f"urn:ionos-pg-chatops:{self}:1"


class DocumentModel(BaseModel):
    """A part of a document; what is not declared here is kept as it is."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class ListedDatabase(DocumentModel):
    """A database of the server that is not a template."""

    name: str
    takes_connections: bool


class ServerHeader(DocumentModel):
    """The server and the role that it was read as."""

    version: str
    major: int
    system_identifier: str | None = None
    role: str
    databases: tuple[ListedDatabase, ...] = ()


class ReadDatabase(DocumentModel):
    """A database that was read."""

    name: str
    parts: Parts


class UnreadPart(DocumentModel):
    """A part that could not be read, and why. `database` is None for what concerns the whole server."""

    database: str | None = None
    part: str
    why: str

    @property
    def reason(self) -> str:
        """Why, in one safe line."""
        return visible(self.why)[:VALUE_LIMIT]


class DatabaseDocument(DocumentModel):
    """A document of one server, on one of its databases or on all. `read_at` is the oldest time in it."""

    schema_: str = Field(alias="$schema", pattern="^urn:ionos-pg-chatops:(precheck|aftercheck):1$")
    read_at: AwareDatetime
    cluster: str | None = None
    host: str | None = None
    server: ServerHeader
    parts: Parts
    databases: tuple[ReadDatabase, ...]
    unread: tuple[UnreadPart, ...]

    @property
    def kind(self) -> CheckKind:
        """The kind, by `$schema`."""
        return CheckKind(self.schema_.split(":")[2])

    @property
    def unread_names(self) -> tuple[str, ...]:
        """The databases that take connections and that this document says nothing about."""
        known = {each.name for each in self.databases}
        known |= {each.database for each in self.unread if each.part == EVERY_PART and each.database}
        return tuple(
            each.name for each in self.server.databases if each.takes_connections and each.name not in known
        )

    def items(self, part: str) -> tuple[PartItem, ...]:
        """Return what was found in a part, of the server and of every database; at most 100 for each."""
        listed = ((database, found.get("items")) for database, found in self._found(part))
        return tuple(
            PartItem(database, each)
            for database, things in listed
            for each in (things if isinstance(things, list) else ())
            if isinstance(each, Mapping)
        )

    def count(self, part: str) -> int:
        """Return how many there are, which may be more than are listed."""
        totals = (found.get("total") for _, found in self._found(part))
        return max(len(self.items(part)), sum(each for each in totals if isinstance(each, int)))

    def unread_databases(self) -> tuple[str, ...]:
        """Return a phrase for each database that was not read at all."""
        gaps = (gap for gap in self.unread if gap.part == EVERY_PART)
        return tuple(f"{_place(gap.database)} was not read: {gap.reason}" for gap in gaps)

    def unread_part(self, part: str) -> tuple[str, ...]:
        """Return why a part could not be read, by database; empty when it was read everywhere."""
        gaps = [gap for gap in self.unread if gap.part == part]
        reasons = [f"{_place(gap.database)}: {gap.reason}" for gap in gaps]
        explained = {gap.database for gap in gaps}
        if part in self.parts or None in explained:
            return tuple(reasons)
        lacking = [each.name for each in self.databases if part not in each.parts]
        reasons += [f"{_place(name)}: {NO_SUCH_PART}" for name in lacking if name not in explained]
        return tuple(reasons) if self.databases else (NO_SUCH_PART,)

    def _found(self, part: str) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
        if part in self.parts:
            yield None, self.parts[part]
        for each in self.databases:
            if part in each.parts:
                yield each.name, each.parts[part]

    def as_json(self) -> str:
        """Return the document in ASCII, so that no character of a name has an effect on a terminal."""
        return self.model_dump_json(by_alias=True, indent=2, ensure_ascii=True) + "\n"


def _place(database: str | None) -> str:
    return "the server" if database is None else f"database “{visible(database)}”"


def read_sql(kind: CheckKind, seconds: int = 60, cluster: str = "") -> str:
    """Return the SQL file, with its time limit in seconds and the id of the cluster that it is run on."""
    text = files("migrations.precheck").joinpath(f"{kind}.sql").read_text(encoding="utf-8")
    limited = text.replace(_DEFAULT_LIMIT, _DEFAULT_LIMIT.replace("60s", f"{seconds}s"))
    return limited.replace(_NO_CLUSTER, _NO_CLUSTER.replace("''", f"'{cluster}'"))


def parse_document(document: object) -> DatabaseDocument:
    """Return the document if it has the form that the SQL files give it. Raises ValueError."""
    try:
        return DatabaseDocument.model_validate(document)
    except ValidationError as error:
        place = ".".join(str(each) for each in error.errors()[0]["loc"][:2]) or "the whole document"
        raise ValueError(f"it is not in the format that pgbot precheck writes; see {place}") from None


def merge_documents(documents: Sequence[DatabaseDocument]) -> DatabaseDocument:
    """Return one document of several about one server; of two about one database the newer one counts.

    A database that takes connections and was not read is listed under `unread`.
    """
    newest_first = sorted(documents, key=lambda each: each.read_at, reverse=True)
    databases: dict[str, ReadDatabase] = {}
    unread: list[UnreadPart] = []
    parts: Parts = {}
    for each in newest_first:
        new = {found.name: found for found in each.databases if found.name not in databases}
        databases |= new
        unread += [gap for gap in each.unread if gap.database in new or gap.part == EVERY_PART]
        parts = each.parts | parts
    for each in newest_first:
        of_server = [gap for gap in each.unread if gap.database is None]
        unread += [gap for gap in of_server if each is newest_first[0] or gap.part not in parts]
    merged = newest_first[0].model_copy(
        update={
            "read_at": newest_first[-1].read_at,
            "cluster": next((each.cluster for each in newest_first if each.cluster), None),
            "host": next((each.host for each in newest_first if each.host), None),
            "parts": parts,
            "databases": tuple(databases[name] for name in sorted(databases)),
            "unread": tuple(
                dict.fromkeys(
                    gap for gap in unread if gap.part != EVERY_PART or gap.database not in databases
                )
            ),
        }
    )
    missing = [UnreadPart(database=name, part=EVERY_PART, why=NOT_READ) for name in merged.unread_names]
    return merged.model_copy(update={"unread": (*merged.unread, *missing)})


def group_documents(documents: Iterable[DatabaseDocument]) -> list[list[DatabaseDocument]]:
    """Return the documents by server: by cluster or host, and by PostgreSQL's own identifier, which alone
    would not do: a cluster that was cloned from a backup has that of the other one."""
    groups: dict[tuple[str | None, str | None], list[DatabaseDocument]] = {}
    for each in documents:
        groups.setdefault((each.cluster or each.host, each.server.system_identifier), []).append(each)
    return list(groups.values())
