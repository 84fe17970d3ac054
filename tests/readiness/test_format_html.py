"""HTML: one page, in which nothing leaves, nothing runs, and text is text."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from format_kit import assessment, full_of, report, texts
from hypothesis import given

from bot.domain.text_safety import visible
from migrations.formats.as_html import STYLE, as_html
from migrations.readiness import Readiness

VOID = {"meta", "input"}


class Page(HTMLParser):
    """Tags with their attributes in order, and text by itself; raises for tags that are not nested
    properly."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.attributes = [], [], []
        self._open = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


TAME = Page(as_html(full_of("tame")))


def test_the_browser_itself_is_told_to_fetch_and_run_nothing():
    page = Page(as_html(report()))

    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert not {"script", "link", "img", "iframe", "base", "form", "object"} & set(page.tags)
    targets = [value for _, name, value in page.attributes if name in {"href", "src", "action"}]
    assert targets == ["#cluster-1"]
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_coverage_is_the_first_thing_on_the_page():
    words = [text for text in Page(as_html(report())).texts if text.strip()]

    assert words[:2] == ["Readiness for v2", "Readiness for v2"]  # the title and the heading
    assert words[2].startswith("1 cluster × 6 rules checked")


def test_every_verdict_can_be_filtered_by():
    page = as_html(report())
    keys = {verdict.replace(" ", "-") for verdict in Readiness}

    assert set(re.findall(r'id="show-([a-z-]+)"', page)) == keys | {"all"}
    assert set(re.findall(r"#show-([a-z-]+):checked ~ main \.cluster:not\(\.\1\)", STYLE)) == keys


def test_clusters_are_linked_from_the_table():
    page = Page(as_html(report(assessment("a"), assessment("b", id="id-2"))))
    ids = [value for _, name, value in page.attributes if name == "id" and value.startswith("cluster-")]
    links = [value for _, name, value in page.attributes if name == "href"]

    assert links == [f"#{each}" for each in ids] == ["#cluster-1", "#cluster-2"]


def test_without_clusters_there_is_no_table():
    page = Page(as_html(replace(report(), assessments=())))

    assert "table" not in page.tags
    assert "input" not in page.tags


@given(texts)
def test_no_text_makes_a_tag_or_an_attribute(text):
    page = Page(as_html(full_of(text)))

    assert page.tags == TAME.tags
    assert [(tag, name) for tag, name, _ in page.attributes] == [
        (tag, name) for tag, name, _ in TAME.attributes
    ]
    assert [value for _, _, value in page.attributes] == [value for _, _, value in TAME.attributes]
    assert visible(text) in page.texts or not text
    assert all(each.replace("\n", "").isprintable() for each in page.texts)
