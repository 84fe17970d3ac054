"""The language of the product: docstrings begin as an engineer's would, no private metaphor is left, and
nothing reads as if translated."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import handlers
from bot.commands.declaration import Registry
from bot.commands.global_flags import GLOBAL_FLAGS

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "migrations", "tests")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
SOURCES = [path for path in SOURCES if not {"corpus", "judged", ".venv"} & set(path.parts)]

RIDDLES = re.compile(r"(What|Where|Whether|Who|Whom|Whose|How|Which|When|All that|Everything that)\b")
"""Beginnings that describe a thing by a clause. A function's docstring begins with a verb, any other with a
noun."""

METAPHORS = frozenset(
    {
        *("acting", "among", "arrivals", "backstage", "conductor", "courier", "deeds", "desk", "dressing"),
        *("ledger", "looking", "manner", "mishaps", "patience", "stories", "surroundings", "telling", "wish"),
    }
)
"""Words that stood for parts of the bot before they had the field's own names."""

PHRASES = re.compile(
    r"\b(anew|whoever|for want of|could not look)\b|(?<!\bthere)\sis no (?!longer\b)\w+", re.IGNORECASE
)
"""Phrases that nobody says aloud to a colleague: “again”, “people who” and “is not a” are what one says."""

QUOTED = (
    "bot/commands/word_meanings.py",
    "bot/domain/block_kit/",
    "bot/demo/cloud/v2_writes.py",
    "bot/runtime/database/schema.py",
)
"""Words of others: what people type, what Slack says of a wrong message, the values of a switch, and the
steps of the schema, which stay as they have run."""

UNSAID = re.compile(
    r"""
    \b(?:
        nobody\ can\ tell | (?:is|was|are)\ not\ told | t(?:ell|old)s?\ of | for\ want\ of | of\ which
      | (?:asked|asks)\ for\ by | (?:decide|confirm|review)\ by\ you | waits?\ for\ you | what\ waits
      | c(?:a|o)me\ of\ it | comes(?!\ from) | goes\ on | lives | among | anew | whoever | lately | lapse[sd]?
      | look(?:s|ed)?\ (?:at|through) | a\ look | fits? | one\ of\ them | stands?\ in | shall | mend(?:ed|s)?
      | blanks? | so\ (?:many|long)(?!\ as\b) | word\ too\ many | the\ safer\ way | kept\ days | in\ vain
      | (?:small|capital)\ letters? | no\ such\ thing | take\ over | taken\ over | made\ by\ sql | say\ --
      | went\ ahead | go(?:es|ing)?\ ahead | under\ way | a\ time\ to\ come | throw-away | stand-?ins?
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What sounds translated, or is another word than the one that everything else uses for the thing."""

FLAG = re.compile(r"--[a-z][a-z-]*")

LONGEST_SUMMARY = 72
LONGEST_SENTENCE = 30
"""Words of a sentence in a handler; a value that is filled in counts as one."""

VERBS = frozenset(
    {
        *(
            "Approve",
            "Cancel",
            "Change",
            "Compare",
            "Confirm",
            "Create",
            "Delete",
            "Deny",
            "Explain",
            "Find",
            "Hide",
        ),
        *(
            "List",
            "Make",
            "Move",
            "Pause",
            "Preview",
            "Record",
            "Remove",
            "Rename",
            "Restore",
            "Resume",
            "Review",
        ),
        *(
            "Run",
            "Schedule",
            "Search",
            "Set",
            "Show",
            "Snooze",
            "Summarize",
            "Switch",
            "Tell",
            "Test",
            "Turn",
        ),
        *("Upgrade", "Waive", "Withdraw"),
    }
)
"""The words that a command's summary may begin with: what it does, as an order."""

READ = [
    *(path for package in PACKAGES[:3] for path in sorted((ROOT / package).rglob("*.py"))),
    *sorted((ROOT / "bot").rglob("*.sql")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("*.md")),
    ROOT / "app.yaml",
]

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def read_module(path):
    """Return the docstrings and the names of a module."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docs = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, DOCUMENTED)]
    names = {getattr(node, field, None) for node in nodes for field in ("id", "arg", "attr", "name")}
    return docs, {path.stem, *(name for name in names if isinstance(name, str))}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_begins_with_a_riddle(package):
    found = [
        f"{path.relative_to(ROOT)}: {doc.splitlines()[0]}"
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        for doc in read_module(path)[0]
        if RIDDLES.match(doc)
    ]

    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_a_private_metaphor(package):
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        for name in read_module(path)[1]
        # A test's name is a sentence, in which such a word has its ordinary meaning.
        if not name.startswith("test_") and not METAPHORS.isdisjoint(split_name(name))
    }

    assert found == set()


def test_nothing_reads_as_if_translated():
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in READ
        for match in PHRASES.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def visible_texts(path):
    """Yield the line and the text of each string that people may read: neither a key nor a pattern, nor what
    documents the code for engineers. A handler's docstring is its help, and so are the texts behind its
    arguments. A filled-in value is `{}`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {id(each) for node in ast.walk(tree) for each in unread_parts(node)}
    for node in ast.walk(tree):
        if id(node) in hidden:
            hidden.update(map(id, ast.iter_child_nodes(node)))
        elif isinstance(node, ast.JoinedStr):
            hidden.update(map(id, node.values))
            yield node.lineno, "".join(map(text_of_part, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def unread_parts(node):
    """Return the strings in a node that only code and engineers read."""
    if isinstance(node, ast.Dict):
        return node.keys
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.Call):
        # Of each call: to unparse it would take longer than all the rest.
        called = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        code = {"log", "re"} if called is not node.func else {"known_as", "TypeError"}
        return node.args if isinstance(called, ast.Name) and called.id in code else []
    body = getattr(node, "body", None)
    documented = [each.value for each in body if isinstance(each, ast.Expr)] if isinstance(body, list) else []
    if isinstance(node, ast.ClassDef) and any("Arguments" in ast.unparse(each) for each in node.bases):
        documented = [each.value for each in body[:1] if isinstance(each, ast.Expr)]
    decorators = map(ast.unparse, getattr(node, "decorator_list", []))
    return (
        []
        if any(each.startswith(("command(", "change(", "change_decision(")) for each in decorators)
        else documented
    )


def text_of_part(part):
    return part.value if isinstance(part, ast.Constant) else "{}"


def is_rewritten(path):
    return not str(path.relative_to(ROOT)).startswith(QUOTED)


def test_visible_words_are_those_of_an_engineer_who_talks():
    found = [
        f"{path.relative_to(ROOT)}:{line}: “{match[0]}” in {text.strip()[:80]!r}"
        for path in READ
        if is_rewritten(path)
        for line, text in (visible_texts(path) if path.suffix == ".py" else numbered_lines(path))
        for match in UNSAID.finditer(FLAG.sub("--flag", text))
    ]

    assert found == []


def test_what_is_generated_from_the_commands_is_checked_as_well():
    page = ROOT / "docs" / "commands.md"

    assert [
        match[0] for _, line in numbered_lines(page) for match in UNSAID.finditer(FLAG.sub("--flag", line))
    ] == []


def numbered_lines(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "“yesterday” is not told",
            "2 approvals, of which 1",
            "To decide by you",
            "4 changes wait for you",
        ),
        *(
            "Where it comes",
            "data loss goes on",
            "Spread over so long",
            "one word too many",
            "Nobody can tell",
        ),
        *("checks for want of a fact", "Asked for by bob", "The safer way", "Kept days", "Ended lately"),
        *("None of the clusters fits.", "The waiver lapses", "What was looked at", "its name lives there"),
    ],
)
def test_the_old_voice_is_recognized(text):
    assert UNSAID.search(text)


COMMANDS = list(Registry.discover(handlers))


def test_a_summary_is_one_short_order():
    summaries = [each.summary for each in COMMANDS]

    assert [each for each in summaries if each.split()[0] not in VERBS] == []
    assert [each for each in summaries if not each.endswith(".") or ". " in each] == []
    assert [each for each in summaries if len(each) > LONGEST_SUMMARY] == []


def test_an_argument_is_described_by_a_noun_phrase_or_an_order():
    described = [
        (each.name, each.describe(name)) for each in COMMANDS for name in each.arguments.model_fields
    ]
    described += [(f"--{name}", words) for name, words in GLOBAL_FLAGS.items()]

    assert [(name, words) for name, words in described if RIDDLES.match(words)] == []
    assert [(name, words) for name, words in described if words.endswith(".") or ". " in words] == []


def test_a_sentence_of_a_handler_can_be_said_in_one_breath():
    paths = sorted((ROOT / "handlers").rglob("*.py"))
    found = [
        f"{path.relative_to(ROOT)}:{line}: {sentence}"
        for path in paths
        for line, text in visible_texts(path)
        for sentence in re.split(r"(?<=[.:;?!])\s+|\n\n", text)
        if len(sentence.split()) > LONGEST_SENTENCE and not text.lstrip().startswith("--")
    ]

    assert found == []


def split_name(name):
    """Return the words of an identifier in lower case: `run_log` and `RunLog` give run and log."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
