"""Requirements of a typed result: its document is valid, and table, CSV and JSON hold the same facts."""

import csv
import dataclasses
import io
import json
import re
from datetime import datetime
from functools import cache

import jsonschema_rs
import yaml

from bot.changes.change_result import PlannedChange
from bot.domain.reply import Table
from bot.domain.reply_document import (
    dump_record,
    field_names,
    json_schema,
    list_values,
    make_document,
    result_rows,
    row_type,
    write_output,
)
from bot.domain.result import Error, Output

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@cache
def validator(kind):
    return jsonschema_rs.Draft202012Validator(json_schema(kind))


def result_complaints(command, reply):
    """Return what is wrong with the answer for programs, as lines for people."""
    result = reply.result
    if result is None:
        return ["has no result"]
    if not isinstance(result, (command.result, Error, PlannedChange)):
        return [f"returns {type(result).__name__}, and declares {command.result.__name__}"]
    document = json.loads(json.dumps(make_document(reply), allow_nan=False))
    found = [
        f"{'.'.join(map(str, error.instance_path))}: {error.message[:150]}"
        for error in validator(type(result)).iter_errors(document)
    ]
    found += [
        f"has a time that is not in UTC: {each}"
        for each in _times(document["data"])
        if not each.endswith(("Z", "+00:00"))
    ]
    if not isinstance(result, Error):
        found += _of_forms(reply, document)
    return found + [
        each for part in reply.parts if isinstance(part, Table) for each in _of_table(part, document)
    ]


def _of_forms(reply, document):
    """Return where YAML, CSV and TSV differ from JSON."""
    result = reply.result
    found = []
    if yaml.load(_write(reply, Output.YAML), yaml.CSafeLoader) != document:
        found.append("its YAML is not its JSON")
    names = field_names(row_type(type(result)))
    expected = [[_cell(value) for value in list_values(each, names)] for each in result_rows(result)]
    rows = list(csv.reader(io.StringIO(_write(reply, Output.CSV), newline="")))
    if tuple(rows[0]) != names or [[each.removeprefix("'") for each in row] for row in rows[1:]] != [
        [each.removeprefix("'") for each in row] for row in expected
    ]:
        found.append("its CSV is not its JSON")
    lines = [line.split("\t") for line in _write(reply, Output.TSV).split("\n")[:-1]]
    if [len(line) for line in lines] != [len(names)] * (len(expected) + 1):
        found.append("its TSV has other lines than its JSON has records")
    return found


def _write(reply, output):
    return write_output(dataclasses.replace(reply, output=output, fields=()))


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return text.replace("\r\n", "\n")


def _of_table(table, document):
    """Return where a table on the screen is not made of records that JSON has as well."""
    if len(table.records) != len(table.rows):
        return [f"the table “{table.caption}” is not made of records"]
    held = list(_records(document["data"]))
    strange = [each for each in table.records if not any(own in held for own in _own(each))]
    return [
        f"the table “{table.caption}” shows {each!r:.150}, which JSON does not have" for each in strange[:1]
    ]


def _own(record):
    """Yield a record of a table, and those that a row with words around it holds, as JSON has them."""
    for each in (record, *(getattr(record, field.name) for field in dataclasses.fields(record))):
        if dataclasses.is_dataclass(each):
            yield json.loads(json.dumps(dump_record(each)))


def _records(value):
    """Yield every record within plain values."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _records(each)


def _times(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from _times(each)
    elif isinstance(value, list):
        for each in value:
            yield from _times(each)
    elif isinstance(value, str) and TIME.match(value) and _is_time(value):
        yield value


def _is_time(text):
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
