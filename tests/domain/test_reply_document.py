"""Answers for programs: the JSON document, its schema, CSV, TSV, YAML, ids and names."""

import csv
import io
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import jsonschema
import pytest
import yaml

from bot.domain.cluster import Api, ClusterRef, Gap
from bot.domain.error_codes import ErrorCode, ExitCode
from bot.domain.errors import BadArgument
from bot.domain.reply import File, Reply, Warn, warn_of_gaps
from bot.domain.reply_document import field_names, json_schema, make_document, row_type, write_output
from bot.domain.result import CommandResult, Error, Output

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ship:
    """A record of these tests."""

    id: str
    name: str
    load_mb: int | None
    built_at: datetime | None
    home: ClusterRef | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HarbourShips(CommandResult):
    """A result of these tests."""

    notes: tuple[str, ...] = ()
    ships: tuple[Ship, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HarbourCounts(CommandResult):
    """A result of these tests with counts."""

    by_api: dict[Api, int]
    crew: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarbourShow(CommandResult):
    """A result of these tests that is one thing."""

    id: str
    depth_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DockedShip(CommandResult):
    """A result of these tests that is one thing with a list that belongs to it."""

    ship: Ship
    others: tuple[Ship, ...]
    orders: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarbourAbout(CommandResult):
    """A result of these tests that is about one thing."""

    ship: Ship


HOME = ClusterRef(id="c1", name="orders", api=Api.V1, contract="main", region="de/fra")
ONE = Ship(id="s1", name="=tab\there", load_mb=2048, built_at=AT, home=HOME, flags=("a,b", "c"))
TWO = Ship(id="s2", name="日本", load_mb=None, built_at=None)
GAP = Gap(where="v2 es/vit", why="it did not respond", api=Api.V2, region="es/vit")
SHIPS = Reply(
    "2 ships",
    (*warn_of_gaps([GAP]), Warn("Storm."), File("chart.bin", b"\x00\x01")),
    result=HarbourShips(ships=(ONE, TWO)),
)


def write(reply, output, *fields):
    return write_output(replace(reply, output=output, fields=fields))


def test_the_document_has_ids_units_utc_times_nulls_and_what_could_not_be_read():
    made = json.loads(write(SHIPS, Output.JSON))

    assert made == {
        "schema": "pgbot/harbour-ships/v1",
        "data": {
            "notes": [],
            "ships": [
                {
                    "id": "s1",
                    "name": "=tab\there",
                    "load_mb": 2048,
                    "built_at": "2026-11-20T10:00:00Z",
                    "home": asdict(HOME),
                    "flags": ["a,b", "c"],
                },
                {"id": "s2", "name": "日本", "load_mb": None, "built_at": None, "home": None, "flags": []},
            ],
        },
        "partial": [
            {
                "where": "v2 es/vit",
                "why": "it did not respond",
                "api": "v2",
                "contract": None,
                "region": "es/vit",
            }
        ],
        "warnings": ["Storm."],
        "files": [{"name": "chart.bin", "content_base64": "AAE="}],
    }
    jsonschema.validate(made, json_schema(HarbourShips))
    assert yaml.safe_load(write(SHIPS, Output.YAML)) == made


def test_the_schema_refuses_a_missing_key_and_another_type():
    made, schema = make_document(SHIPS), json_schema(HarbourShips)
    for broken in ({**made, "data": {"ships": []}}, {**made, "schema": "pgbot/other/v1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)


def test_csv_and_tsv_have_a_line_for_each_record_and_the_same_facts():
    rows = list(csv.DictReader(io.StringIO(write(SHIPS, Output.CSV), newline="")))
    lines = write(SHIPS, Output.TSV).splitlines()

    assert rows[0] == {
        "id": "s1",
        "name": "'=tab\there",
        "load_mb": "2048",
        "built_at": "2026-11-20T10:00:00Z",
        "home.id": "c1",
        "home.name": "orders",
        "home.api": "v1",
        "home.contract": "main",
        "home.region": "de/fra",
        "flags": '["a,b", "c"]',
    }
    assert list(rows[1].values()) == ["s2", "日本", "", "", "", "", "", "", "", "[]"]
    assert lines[1].split("\t")[:2] == ["s1", "=tab\\there"]
    assert len(lines) == 3


def test_one_thing_is_one_line_and_what_is_within_it_is_json():
    docked = Reply("", result=DockedShip(ship=TWO, others=(ONE,), orders={"rum": 3}))

    (row,) = csv.DictReader(io.StringIO(write(docked, Output.CSV), newline=""))

    assert (row["ship.id"], row["ship.home.id"], row["orders"]) == ("s2", "", '{"rum": 3}')
    assert json.loads(row["others"])[0]["id"] == "s1"


def test_columns_are_chosen_and_an_unknown_one_is_refused_with_those_there_are():
    assert write(SHIPS, Output.CSV, "load-mb", "home.name").splitlines() == [
        "load_mb,home.name",
        "2048,orders",
        ",",
    ]
    with pytest.raises(BadArgument, match=r"no column “cargo” here. The columns are id, name, load_mb"):
        write(SHIPS, Output.CSV, "cargo")


def test_ids_and_names_are_a_line_each_and_one_thing_is_one_line():
    assert write(SHIPS, Output.ID) == "s1\ns2\n"
    assert write(SHIPS, Output.NAME).splitlines() == ["=tab\\there", "日本"]
    one = Reply("", result=HarbourShow(id="h1", depth_mb=3))
    assert (write(one, Output.ID), write(one, Output.TSV)) == ("h1\n", "id\tdepth_mb\nh1\t3\n")
    with pytest.raises(BadArgument, match="have no name"):
        write(one, Output.NAME)
    about = Reply("", result=HarbourAbout(ship=ONE))
    assert (write(about, Output.ID), write(about, Output.NAME)) == ("s1\n", "=tab\\there\n")


def test_counts_by_a_closed_choice_have_a_column_each_and_other_mappings_are_json():
    reply = Reply("", result=HarbourCounts(by_api={Api.V1: 3, Api.V2: 0}, crew={"deck, upper": 2}))

    assert write(reply, Output.TSV).splitlines() == [
        "by_api.v1\tby_api.v2\tcrew",
        '3\t0\t{"deck, upper": 2}',
    ]


def test_an_empty_list_has_a_heading_and_no_line():
    nothing = Reply("", result=HarbourShips())

    assert row_type(HarbourShips) is Ship
    assert write(nothing, Output.TSV) == "\t".join(field_names(Ship)) + "\n"
    assert write(nothing, Output.ID) == ""


def test_an_error_is_json_where_lines_or_ids_were_asked_for():
    error = Reply("", ok=False, result=Error(code=ErrorCode.CLUSTER_NOT_FOUND, message="x", next_step=""))

    for output in (Output.CSV, Output.TSV, Output.ID, Output.NAME):
        assert json.loads(write(error, output, "name"))["schema"] == "pgbot/error/v1"
    assert yaml.safe_load(write(error, Output.YAML))["data"]["code"] == "cluster.not_found"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (SHIPS, ExitCode.PARTIAL),
        (Reply("", result=HarbourShips()), ExitCode.OK),
        (Reply("", ok=False), ExitCode.FAILED),
        (
            Reply("", ok=False, result=Error(code=ErrorCode.CLUSTER_NOT_FOUND, message="x", next_step="")),
            ExitCode.NOT_FOUND,
        ),
    ],
)
def test_exit_codes(reply, code):
    assert reply.exit_code is code
