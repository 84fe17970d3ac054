"""Random replies for property tests: nasty unicode, huge cells, many parts."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.domain.reply import (
    Audience,
    Chart,
    Choice,
    Choices,
    Code,
    Fields,
    File,
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
)

texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40),
    st.builds(lambda seed, times: seed * times, st.text(max_size=8), st.integers(0, 600)),
)
moments = st.datetimes(timezones=st.just(UTC))
cells = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    moments,
    st.just(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
)


def _table(columns: tuple[str, ...], rows: list[tuple[object, ...]], times: int, again: str) -> Table:
    return Table(again, columns, tuple(rows * times), again, again=again, skipped=times % 2 * len(rows))


tables = st.builds(
    _table,
    st.lists(texts, max_size=25).map(tuple),
    st.lists(st.lists(cells, max_size=25).map(tuple), max_size=6),
    st.sampled_from((1, 2, 40)),
    texts,
)
choices = st.lists(st.builds(Choice, texts, texts, st.booleans()), max_size=30)
work_items = st.builds(
    WorkItem, texts, st.lists(texts, max_size=4).map(tuple), choices.map(lambda some: tuple(some[:6]))
)
work_lists = st.builds(
    WorkList,
    texts,
    st.lists(work_items, max_size=8).map(tuple),
    texts,
    choices.map(lambda some: tuple(some[:2])),
)
charts = st.builds(
    Chart,
    texts,
    st.sampled_from(("line", "bar", "area")),
    st.lists(texts, max_size=30).map(tuple),
    st.lists(st.tuples(texts, st.lists(st.floats(), max_size=30).map(tuple)), max_size=14).map(tuple),
)
parts = st.one_of(
    charts,
    work_lists,
    st.builds(Text, texts),
    st.builds(Note, texts),
    st.builds(Warn, texts),
    st.builds(Code, texts),
    st.builds(File, texts, st.binary(max_size=10)),
    st.builds(Fields, st.lists(st.tuples(texts, cells), max_size=12).map(tuple)),
    st.builds(Choices, choices.map(tuple)),
    tables,
)
replies = st.builds(
    Reply,
    texts,
    st.builds(lambda some, times: tuple(some * times), st.lists(parts, max_size=12), st.integers(1, 5)),
    st.sampled_from(Audience),
    st.booleans(),
)
