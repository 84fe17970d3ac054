"""What every answer and its audit rows must be, and how answers are kept as golden files."""

import json
import os
import re

from golden_files import FOLDER

from bot.demo.environment import CREDENTIALS
from bot.demo.seeded_fleet import SEED_PASSWORD
from bot.domain.reply import Choices, Code, Note, Warn
from bot.domain.reply_text import heading

NEW_PASSWORD = "Canary-Table-4711"
SECRETS = (*CREDENTIALS.values(), SEED_PASSWORD, NEW_PASSWORD)

INSIDES = re.compile(
    r"Traceback|\w(Error|Exception)\b|NoneType|<class|object at 0x|httpx|pydantic|sqlite|Something went wrong"
)
"""Words that belong into the bot's log."""


def complaints(cell):
    """What is wrong with an answer or with its rows, as lines for people."""
    found = [*_of_rows(cell), *_of_words(cell)]
    kept = cell.text + json.dumps(cell.rows, ensure_ascii=False)
    found += [f"holds a secret, {len(each)} characters long" for each in SECRETS if each in kept]
    return [f"{cell.line}: {each} ({heading(cell.reply)})" for each in found]


def _of_rows(cell):
    kinds = [row["kind"] for row in cell.rows]
    first = cell.rows[0]["outcome"] if cell.rows else ""
    if first in {"denied", "mistyped"} and kinds == ["invocation"]:
        return [] if not cell.reply.ok else [f"is {first}, and says ok"]
    if kinds != ["invocation", "outcome"] or first != "accepted":
        return [f"left the rows {kinds}, the first of them {first}"]
    if (cell.row["outcome"] == "ok") is not cell.reply.ok or cell.row["outcome"] == "error":
        return [f"ended as {cell.row['outcome']}"]
    return []


def _of_words(cell):
    reply = cell.reply
    found = [f"shows the bot's insides: {hit[0]}"] if (hit := INSIDES.search(cell.text)) else []
    if not reply.title.strip():
        found.append("has no title")
    if reply.ok:
        return found
    if not re.match(r"[\w“<*-]", reply.title):
        found.append("is no sentence")
    if not _steps(reply):
        found.append("has no next step")
    if re.search(r"\b404\b", reply.title):
        found.append("ends in a raw 404")
    return found


def _steps(reply):
    """What the reader can do next."""
    return [part for part in reply.parts if isinstance(part, Note | Code | Choices | Warn)]


_USAGE = re.compile(r"Usage: .+")
_DRAWN = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"(?i)(digest:?\s+)[0-9a-f]{12,16}\b"), r"\1<digest>"),
    (re.compile(r"(?i)(policy(?: version)?:\s+)[0-9a-f]{12}\b"), r"\1<version>"),
    (re.compile(r"(evidence\.json) \([\d,]+ bytes\)"), r"\1 (some bytes)"),
    (re.compile(r"file:\S+/orders\b"), "file:/run/secrets/pg/orders"),
    (re.compile(r"\bc-[2-9a-hjkmnp-z]{6}\b"), "c-7kq2mf"),
    (re.compile(r"\bdrill-[0-9a-z]{6}\b"), "drill-7kq2mf"),
    (re.compile("─+"), "─────"),
)
"""What differs from run to run or with settings that are not the command's own."""


def steady(text):
    """Without what is drawn anew each time."""
    for pattern, instead in _DRAWN:
        text = pattern.sub(instead, text)
    return text


_LABEL = {Warn: "Warning: "}


def grouped(cells):
    """The lines that were answered alike, and the answer below them: its sentence, warnings and next step."""
    by_answer = {}
    for cell in cells:
        answer = _in_short(cell.reply).replace(f"“{cell.command.name}”", "“COMMAND”")
        by_answer.setdefault(_USAGE.sub("Usage: …", answer), []).append(cell.line)
    return steady("\n\n".join("\n".join((*lines, answer)) for answer, lines in by_answer.items()) + "\n")


def _in_short(reply):
    said = [
        f"{_LABEL.get(type(part), '')}{part.text}"
        for part in reply.parts
        if isinstance(part, Warn | Note | Code)
    ]
    gaps = [each for each in said if "ould not look at" in each]
    more = [f"… and {len(gaps) - 2} more places"] if len(gaps) > 2 else []
    shown = [heading(reply), *(each for each in said if each not in gaps[2:]), *more]
    return "\n".join("    " + line for text in shown for line in text.split("\n"))


def assert_golden_text(name, text):
    """`text` is what tests/golden/<name>.txt holds; UPDATE_GOLDEN=1 writes it anew."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{name} has no golden file: see golden_files on how to write it"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs: see golden_files"
