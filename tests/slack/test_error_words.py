"""Slack's error words: what each is about, what it tells people to do, and whether it is tried again."""

import pytest

from bot.domain.errors import SlackError
from bot.domain.slack_trouble import KNOWN, SlackTrouble, trouble_of
from bot.slack.web_api import slack_error


def test_every_word_is_of_one_kind_and_there_are_many():
    kinds = {kind: [word for word, of in KNOWN.items() if of is kind] for kind in SlackTrouble}

    assert sum(map(len, kinds.values())) == len(KNOWN) >= 120
    assert all(len(words) >= 10 for words in kinds.values())


@pytest.mark.parametrize("word", [*KNOWN, "moon_is_full", ""])
def test_every_word_gives_a_sentence_and_a_next_step(word):
    error = slack_error(word)

    assert error.sentence.endswith(".")
    assert error.next_step
    assert error.trouble is trouble_of(word)


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("invalid_auth", "token"),
        ("is_archived", "channel"),
        ("missing_scope", "pgbot manifest"),
        ("not_in_channel", "/invite"),
    ],
)
def test_the_advice_is_about_what_the_word_is_about(word, advice):
    assert advice in slack_error(word).next_step


def test_an_unknown_word_may_pass_and_holds_nothing_else_up():
    error = SlackError("Slack refused: moon_is_full.", code="moon_is_full")

    assert error.trouble is SlackTrouble.LATER
    assert not error.is_away
