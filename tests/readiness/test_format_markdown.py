"""Markdown: read by a parser of CommonMark with GitHub's tables, text is text."""

import pytest
from format_kit import full_of, report, texts
from hypothesis import given
from markdown_it import MarkdownIt

from bot.domain.text_safety import visible
from migrations.formats.as_markdown import as_markdown, escape_md, fence_code

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shape(text):
    """Return the structure that a reader sees: blocks, and inside them everything but text."""
    return [
        (token.type, token.tag, [child.type for child in token.children or () if child.type != "text"])
        for token in PARSER.parse(text)
    ]


def written(text):
    """Return the text that the reader sees, block by block."""
    blocks = []
    for token in PARSER.parse(text):
        if token.type == "inline":
            blocks.append("".join(child.content for child in token.children))
        elif token.type == "fence":
            blocks.append(token.content)
    return blocks


TAME = shape(as_markdown(full_of("tame")))


def test_the_page_reads_as_meant():
    blocks = written(as_markdown(report()))

    assert blocks[:2] == ["Readiness for v2", blocks[1]]
    assert blocks[1].startswith("1 cluster × 6 rules checked")
    assert "Cluster orders-prod" in blocks
    assert "blocker: PGR901 It cannot be expressed" in blocks
    assert (
        "Seen: properties.synchronizationMode = SYNCHRONOUS (v1 GET /clusters, 2026-11-23T09:00:00Z)"
        in blocks
    )
    assert "CREATE ROLE app LOGIN;\n\\password app\n" in blocks
    assert "Waived: U0ALICE, until 2026-12-23T09:00:00Z: the move is planned" in blocks


def test_the_table_has_the_worst_open_finding():
    assert (
        "| orders-prod | de/txl | blocked | still on v1 | pending | PGR901 blocker | @alice |"
        in as_markdown(report())
    )


@given(texts)
def test_no_text_makes_anything_but_text(text):
    page = as_markdown(full_of(text))

    assert shape(page) == TAME
    assert f"Owner: {visible(text or '@alice')}".rstrip() in written(page)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("orders_prod-1", "orders_prod-1"),
        ("_a_", "\\_a\\_"),
        ("a|b", "a\\|b"),
        ("https://evil.example", "https\\://evil.example"),
        ("WWW.evil.example", "WWW\\.evil.example"),
        ("<!channel>", "&lt;!channel&gt;"),
    ],
)
def test_only_what_means_something_is_escaped(text, safe):
    assert escape_md(text) == safe


@given(texts)
def test_no_code_ends_its_own_block(text):
    page = "\n".join(["- point", *fence_code("sh", text), "after"])

    assert [kind for kind, _, _ in shape(page)].count("fence") == 1
    assert written(page)[-1] == "after"
