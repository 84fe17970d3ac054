"""Functions that get texts of strangers take time as the text grows, also where no pattern is in them."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from pattern_trial import try_attack

import handlers
from bot.commands.declaration import Registry
from bot.commands.suggestions import suggest_commands
from bot.commands.tokenizer import LONGEST, keep_beginning, split
from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.redaction import make_storable, redact
from bot.domain.reply import Code, Note, Reply, Text
from bot.domain.reply_text import render_plain
from bot.domain.text_safety import escape_invisible, strip_invisible_line, visible
from bot.slack.message_budget import MessageBudget
from bot.slack.message_renderer import render
from bot.slack.mrkdwn import escape, fit, fit_octets, unfenced
from bot.slack.payloads import bound_payload, read_command

ROOT = Path(__file__).parents[1]
FRAGMENTS = ["\\", "`", '"a ', " ", "<@U1|", "&", "--a-", "\u0301\u0327", "\u200b", "password='", "```"]


def mention(text):
    read_command({"type": "app_mention", "user": "U1", "channel": "C1", "text": text}, "U0PGBOT")


def split_what_is_kept(text):
    with suppress(BadArgument):
        split(keep_beginning(text)[:LONGEST])


COMMANDS = list(Registry.discover(handlers))
WORK = {
    "suggest": lambda text: suggest_commands(text.split(" "), COMMANDS),
    "redact": redact,
    "make_storable": make_storable,
    "quote_text": quote_text,
    "mention": mention,
    "split": split_what_is_kept,
    "bound_payload": lambda text: bound_payload({"a": [text] * 3, "b": list(text)}),
    "escape": escape,
    "fit": lambda text: fit(text, len(text) - 1),
    "fit_octets": lambda text: fit_octets(text, len(text) - 1),
    "unfenced": unfenced,
    "strip_invisible_line": strip_invisible_line,
    "escape_invisible": escape_invisible,
    "visible": visible,
    "attach": lambda text: MessageBudget().attach(text, b""),
    "render": lambda text: render(Reply(text, (Text(text), Code(text), Note(text)))),
    "render_plain": lambda text: render_plain(Reply(text, (Text(text), Code(text), Note(text)))),
}


@pytest.mark.parametrize("name", WORK)
def test_a_text_takes_time_as_it_grows(name):
    slow = {each: try_attack(WORK[name], "", each, (" x",)) for each in FRAGMENTS}

    assert {each: words for each, words in slow.items() if words} == {}


MANY_SECRETS = """
import time
from bot.domain.redaction import redact, remember_secrets

def cost():
    begun = time.process_time()
    for _ in range(20):
        redact("a line of ordinary text, canary-0 " * 60)
    return time.process_time() - begun

before = min(cost() for _ in range(3))
remember_secrets(f"canary-{number:05}-abcdef" for number in range(2_000))
assert redact("a canary-00007-abcdef b CANARY-01999-ABCDEF c") == "a [hidden] b [hidden] c"
print(min(cost() for _ in range(3)) / before)
"""


def test_passwords_that_were_made_do_not_add_up():
    """A process makes them for months. A pattern of all would try each one at every letter."""
    ended = subprocess.run(  # noqa: S603 - a process of its own, since it never forgets a secret
        [sys.executable, "-c", MANY_SECRETS], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert float(ended.stdout) < 20


def test_work_that_grows_with_the_square_is_found():
    def read_again_and_again(text):
        for _ in range(0, len(text), 20):
            list(text)

    assert try_attack(read_again_and_again, "", "a", ("",))
