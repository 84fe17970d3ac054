"""Command lines as people paste them: each means what the plain one means; no answer is a broken sentence."""

import random

import pytest
from sentences import has_empty_list

import handlers
from bot.commands.declaration import Registry
from bot.commands.parser import parse
from bot.commands.tokenizer import DASHES
from bot.domain.errors import InputError
from bot.slack.mrkdwn import entities
from bot.slack.payloads import _COURTESY, read_line

REGISTRY = Registry.discover(handlers)
EXAMPLES = sorted({example for command in REGISTRY for example in command.examples})
BOT, COMMAND = "U0PGBOT", "/pg"
AMOUNTS = [300, pytest.param(3_000, marks=pytest.mark.soak)]

PREFIXES = [
    "",
    "/pg ",
    "/pg /pg ",
    f"<@{BOT}> ",
    f"<@{BOT}|pgops>: ",
    "please ",
    "Hey, can you run ",
    "&gt; ",
]
SUFFIXES = ["", " ", " please", ", thanks!", f" <@{BOT}>", "\n"]
WRAPPERS = [("", ""), ("`", "`"), ("```", "```"), ("```\n", "\n```"), ("*", "*"), ("_", "_"), ("“", "”")]
QUOTES = ['""', "“”", "„“", "””", "«»"]
JUNK = ["", '""', "''", "``", "*", "--", "—", ":", ".", "<", "&amp;", "cluster", "--state", "=", ",", "“”"]


def read(text):
    return read_line(text, command=COMMAND, bot_user=BOT)


def paste(line, chance):
    """Return the line as somebody may paste it: in code or bold, with other dashes, quotes and names."""
    dash = chance.choice([*DASHES.replace("\u2010-\u2015", "‐‑‒–—―").replace("-", "", 1), "-"])
    flag = dash * 2 if dash not in "–—―" else chance.choice([dash, dash * 2])
    words = [flag + word[2:] if word.startswith("--") else word for word in line.split(" ")]
    opening, closing = chance.choice(QUOTES)
    line = entities(" ".join(words).replace(' "', f" {opening}").replace('"', closing))
    before, behind = chance.choice(
        [each for each in WRAPPERS if each[0] not in ("", *"*_“") or each[0] not in line]
    )
    is_wrapped = before and " " in line and before not in line and behind not in line
    if is_wrapped:
        line = f"{before}{line}{behind}"
    return f"{chance.choice(PREFIXES)}{line}{chance.choice(SUFFIXES)}"


@pytest.mark.parametrize("amount", AMOUNTS)
def test_a_pasted_line_means_what_the_plain_one_means(amount):
    chance, different = random.Random(amount), []  # noqa: S311 - the same each time
    for _ in range(amount):
        line = chance.choice(EXAMPLES)
        pasted = paste(line, chance)
        try:
            is_same = parse(read(pasted), REGISTRY) == parse(line, REGISTRY)
        except InputError as error:
            is_same = error
        if is_same is not True:
            different.append((pasted, read(pasted), is_same))

    assert different == []


@pytest.mark.parametrize("amount", AMOUNTS)
def test_a_line_that_is_not_understood_gets_whole_sentences(amount):
    chance, broken = random.Random(amount), {}  # noqa: S311 - the same each time
    for _ in range(amount):
        words = chance.choices([*JUNK, *chance.choice(EXAMPLES).split(" ")], k=chance.randint(1, 6))
        text = " ".join(words)
        try:
            parse(read(text), REGISTRY)
        except InputError as error:
            if has_empty_list(error.sentence) or has_empty_list(error.next_step) or not error.sentence:
                broken[text] = str(error)

    assert broken == {}


def test_a_bold_name_is_the_name():
    bold = parse(read("cluster show *orders-prod*"), REGISTRY)

    assert bold == parse("cluster show orders-prod", REGISTRY)
    assert parse(read("cluster show '*orders*'"), REGISTRY).arguments.cluster == "*orders*"


def test_no_command_begins_with_a_word_of_courtesy():
    assert not {command.words[0] for command in REGISTRY} & _COURTESY
