"""Random replies from a seed: nasty unicode, huge cells, many parts.

A reply of a hypothesis strategy costs 30 ms to draw, of a seed 1 ms, and a soak needs a hundred thousand.
"""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from bot.domain.reply import (
    Audience,
    Chart,
    Choice,
    Choices,
    Code,
    Column,
    Fields,
    File,
    Mention,
    Note,
    Reply,
    Table,
    Text,
    Warn,
    WorkItem,
    WorkList,
)

NASTY = (
    "",
    " ",
    "\u200b",
    "\u202e\u202d",
    "\ud800",
    "\x00\x1b[2J\r\x07",
    "line\nline\r\nline\u2028line",
    "<!channel> <@U0ALICE> <https://evil.example|bank>",
    "&&&&&<<<<<>>>>>",
    "```` ``` `",
    "*bold* _it_ ~no~ :smile:",
    "=1+1",
    "\U0001f469\u200d\U0001f4bb\ufe0f",
    "日本語" * 20,
    "e\u0301" * 50,
    "\t\t",
    "\u3164\u2800",
    "2026-11-20 10:00 UTC",
    "<!date^1^{date}|x>",
)
_RANGES = ((0x20, 0x7E), (0x20, 0x7E), (0, 0xFF), (0x2000, 0x206F), (0xD7F0, 0xE00F), (0, 0x10FFFF))
_NUMBERS = (0, -1, 2**63, 10**400, 0.1, 1e300, float("nan"), float("-inf"), True)
_PAST = datetime(1, 1, 1, tzinfo=UTC)
_USUAL = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def seeded(seed: int) -> Random:
    """Return the source of randomness from which the same reply is made each time."""
    return Random(seed)  # noqa: S311 - repeatable on purpose


def random_text(random: Random) -> str:
    """Return a text from `NASTY`, of up to 40 characters of any plane, or a short one up to 600 times."""
    way = random.random()
    if way < 0.5:
        return random.choice(NASTY)
    first, last = random.choice(_RANGES)
    some = "".join([chr(random.randint(first, last)) for _ in range(_few(random, 40 if way < 0.97 else 8))])
    return some if way < 0.97 else some * random.randint(0, 600)


def _few(random: Random, most: int) -> int:
    """Return a number of up to `most`, small ones more often."""
    return round(most * random.random() ** 2)


def _some(random: Random, most: int, make):
    return tuple([make(random) for _ in range(_few(random, most))])


def _cell(random: Random):
    way = random.random()
    if way < 0.5:
        return random_text(random)
    if way < 0.7:
        return random.choice(_NUMBERS)
    if way < 0.8:
        return _PAST + timedelta(seconds=random.randrange(9_998 * 365 * 86_400))
    return _USUAL if way < 0.9 else None


def _column(random: Random):
    text = random_text(random)
    return text if random.random() < 0.7 else Column(text, "", random.random() < 0.5, random.random() < 0.2)


def random_table(random: Random) -> Table:
    """Return a table whose rows may be shorter or longer than its heading, of up to 240 rows."""
    rows = _some(random, 6, lambda _: _some(random, 25, _cell))
    times, again = random.choice((1, 1, 2, 2, 2, 40)), random_text(random)
    columns, skipped = _some(random, 25, _column), times % 2 * len(rows)
    return Table(again, columns, rows * times, again, again, skipped, ("all",) * (random.random() < 0.2))


def _choice(random: Random) -> Choice:
    return Choice(random_text(random), random_text(random), random.random() < 0.5)


def _item(random: Random) -> WorkItem:
    return WorkItem(random_text(random), _some(random, 4, random_text), _some(random, 6, _choice))


def _work_list(random: Random) -> WorkList:
    items = _some(random, 8, _item)
    return WorkList(random_text(random), items, random_text(random), _some(random, 2, _choice))


def _series(random: Random):
    numbers = _some(random, 30, lambda _: random.choice((1.5, 0.0, -2.0, 1e300, float("nan"), float("inf"))))
    return random_text(random), numbers


def _chart(random: Random) -> Chart:
    kind, labels = random.choice(("line", "bar", "area")), _some(random, 30, random_text)
    return Chart(random_text(random), kind, labels, _some(random, 14, _series))


_PARTS = (
    random_table,
    random_table,
    _work_list,
    _chart,
    lambda random: Text(random_text(random)),
    lambda random: Note(random_text(random)),
    lambda random: Warn(random_text(random)),
    lambda random: Code(random_text(random)),
    lambda random: File(random_text(random), random.randbytes(10)),
    lambda random: Fields(_some(random, 12, lambda _: (random_text(random), _cell(random)))),
    lambda random: Choices(_some(random, 30, _choice)),
    lambda random: Mention(random.choice(((), ("U0ALICE",), ("U0BOB", "S0DBA")))),
)


def random_reply(random: Random) -> Reply:
    """Return a reply of up to 60 parts."""
    parts = _some(random, 12, lambda _: random.choice(_PARTS)(random)) * (1 + _few(random, 4))
    audience = random.choice(tuple(Audience))
    return Reply(random_text(random), parts, audience, random.random() < 0.5)


_seeds = st.integers(0, 2**32)
replies = _seeds.map(lambda seed: random_reply(seeded(seed)))
tables = _seeds.map(lambda seed: random_table(seeded(seed)))
