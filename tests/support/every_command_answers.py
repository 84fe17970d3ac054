"""Requirements of every answer and its audit rows, and answers as golden files."""

import json
import re
from dataclasses import replace

from golden_files import FOLDER, IS_RENEWED
from result_checks import result_complaints

from bot.demo.environment import CREDENTIALS
from bot.demo.seeded_fleet import SEED_PASSWORD
from bot.domain.reply import GAP_WARNING, Choices, Code, Note, Table, Warn
from bot.domain.reply_text import format_title, render_plain

NEW_PASSWORD = "Canary-Table-4711"
SECRETS = (*CREDENTIALS.values(), SEED_PASSWORD, NEW_PASSWORD)

INSIDES = re.compile(
    r"Traceback|\w(Error|Exception)\b|NoneType|<class|object at 0x|httpx|pydantic|sqlite|Something went wrong"
)
"""Words that belong into the bot's log."""


def complaints(cell):
    """Return what is wrong with an answer or with its rows, as lines for people."""
    found = [*_of_rows(cell), *_of_words(cell), *result_complaints(cell.command, cell.reply)]
    kept = cell.text + json.dumps(cell.rows, ensure_ascii=False)
    found += [f"holds a secret, {len(each)} characters long" for each in SECRETS if each in kept]
    return [f"{cell.line}: {each} ({format_title(cell.reply)})" for each in found]


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
    """Return the reader's next steps."""
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
    (re.compile(r"(Commands you may run here:\s+)\d+"), r"\1<count>"),
    (re.compile(r"× \d+ rules checked"), "× <count> rules checked"),
    (re.compile(r"\d+ checks (were|do not)"), r"<count> checks \1"),
    (re.compile("─+"), "─────"),
)
"""Text that differs from run to run or with settings that are not the command's own."""


def without_random(text):
    """Return the text without what differs from run to run."""
    for pattern, instead in _DRAWN:
        text = pattern.sub(instead, text)
    return text


_FRAME = re.compile(
    r"The (cluster was|API does not report when the cluster was) last changed|Maintenance window: "
)


def shown(cell):
    """Return the answer. Of a change request only its own part: its frame is in change_show's golden."""
    if not cell.command.change:
        return f"$ {cell.line}\n{cell.text}"
    own = [
        part
        for part in cell.reply.parts
        if isinstance(part, Warn | Table) or (isinstance(part, Note) and not _FRAME.match(part.text))
    ]
    return f"$ {cell.line}\n{render_plain(replace(cell.reply, parts=tuple(own)))}"


_LABEL = {Warn: "Warning: "}
_OF_THE_COMMAND = (
    (re.compile(r"Usage: .+"), "Usage: …"),
    (re.compile(r"Its flags: --.+"), "Its flags: …"),
    (re.compile(r"Roles that may run it: [^.]+"), "Roles that may run it: …"),
    (re.compile(r"(?:Did you mean \S+\? )?Choose one of .+"), "Choose one of …"),
    (re.compile(r"needs <\S+>: .+"), "needs <…>: …"),
    (re.compile(r"--[a-z][a-z-]*"), "--…"),
)
"""Parts that differ between commands in answers of the same kind."""


def kinds(cells):
    """Return the kinds of answers, without the lines and without the command's own words."""
    found = set()
    for cell in cells:
        answer = _in_short(cell)
        for pattern, instead in _OF_THE_COMMAND:
            answer = pattern.sub(instead, answer)
        found.add(answer)
    return "\n\n".join(sorted(found)) + "\n"


def group_lines(cells, *, golden=None):
    """Return the lines with equal answers, and the answer below them: its sentence, warnings and next
    step.

    `golden` is the golden file that it is for: lines that it does not have are left out, so that a new
    command changes none. Its own test file covers its answers.
    """
    kept = lines_of(golden) if golden else None
    by_answer = {}
    for cell in cells:
        if kept is None or without_random(cell.line) in kept:
            by_answer.setdefault(_USAGE.sub("Usage: …", _in_short(cell)), []).append(cell.line)
    return without_random(
        "\n\n".join("\n".join((*lines, answer)) for answer, lines in by_answer.items()) + "\n"
    )


def lines_of(name):
    """Return the lines whose answers this golden file has; None while it is renewed, for all."""
    if IS_RENEWED:
        return None
    return set((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())


def _in_short(cell):
    reply = cell.reply
    kept = Warn if reply.ok else Warn | Note | Code
    said = [
        f"{_LABEL.get(type(part), '')}{part.text}"
        for part in reply.parts
        if isinstance(part, kept) or (isinstance(part, Note) and GAP_WARNING in part.text)
    ]
    gaps = [each for each in said if GAP_WARNING in each]
    more = [f"… and {len(gaps) - 2} more places"] if len(gaps) > 2 else []
    shown = [format_title(reply), *(each for each in said if each not in gaps[2:]), *more]
    text = "\n".join("    " + line for text in shown for line in text.split("\n"))
    return text.replace(f"“{cell.command.name}”", "“COMMAND”")


def assert_golden_text(name, text):
    """Assert that `text` is the content of tests/golden/<name>.txt."""
    path = FOLDER / f"{name}.txt"
    if IS_RENEWED:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{name} has no golden file: see golden_files on how to write it"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs: see golden_files"
