"""Escaping, cutting to size and broken-up code fences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import mrkdwn


def test_escaping_leaves_nothing_that_slack_acts_on():
    escaped = mrkdwn.escape("<!channel> <@U1> <https://evil.example|bank> R&D &lt;")
    assert escaped == ("&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.example|bank&gt; R&amp;D &amp;lt;")


def test_escaping_drops_what_cannot_be_seen():
    assert mrkdwn.escape("a\u200bb\u202ec\x1b[0m\ufeff\r\nd") == "abc[0m\nd"


@given(st.text(), st.integers(0, 50))
def test_what_fits_costs_no_more_than_asked(text, limit):
    shown = mrkdwn.fit(text, limit)
    assert mrkdwn.cost(shown) <= limit
    assert shown == text or text.startswith(shown[:-1])


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("show <http://orders.example|orders.example>", "show orders.example"),
        ("show <http://orders.example>", "show http://orders.example"),
        ("show <mailto:a@orders.example>", "show a@orders.example"),
        ("show <@U0ALICE|alice> <#C0OPS|ops>", "show U0ALICE C0OPS"),
        ("show <!channel> '&lt;!channel&gt;'", "show <!channel> '<!channel>'"),
        ("show a&amp;b &lt;b&gt;", "show a&b <b>"),
        ("show &amp;amp; &amp;lt; &amp;eacute; &eacute; &#233;", "show &amp; &lt; &eacute; &eacute; &#233;"),
        ("show e\u0301 \u00e9 ord\u200bers", "show e\u0301 \u00e9 ord\u200bers"),
    ],
)
def test_what_slack_encodes_is_decoded_once_and_nothing_else(sent, typed):
    assert mrkdwn.decode_typed(sent) == typed


@given(st.text())
def test_typed_text_survives_slacks_encoding(text):
    assert mrkdwn.decode_typed(mrkdwn.entities(text)) == text


def test_cost_is_the_length_after_escaping():
    assert mrkdwn.cost("a<b>&") == len("a&lt;b&gt;&amp;")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(3, 50))
def test_what_fits_in_bytes_does_so_after_escaping(text, limit):
    assert len(mrkdwn.entities(mrkdwn.fit_octets(text, limit)).encode()) <= limit


@pytest.mark.parametrize("count", range(3, 12))
def test_a_run_of_backticks_of_any_length_is_broken_up(count):
    assert "```" not in mrkdwn.unfenced("`" * count)
    assert mrkdwn.unfenced("`" * count).count("`") == count
