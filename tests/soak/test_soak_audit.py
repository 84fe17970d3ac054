"""A thousand honest logs of random rows, and as many that were tampered with: no false alarm, none missed."""

import os
import random

import pytest
from audit_kit import Forger, anchor_at, make_entry, write_rows

from bot.audit.verify import verify

pytestmark = pytest.mark.soak
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))
WORDS = [
    "orders",
    "„Grüße“",
    "\u202etxet",
    "🔥",
    "=1+1",
    "line\nbreak",
    '"',
    "\\",
    "\x00",
    "\x7f",
    "é",
    "e\u0301",
]
KEY = b"a key that only the bot has"


def random_rows(chance):
    for number in range(1, chance.randint(6, 40)):
        yield make_entry(
            number,
            text=" ".join(chance.choices(WORDS, k=chance.randint(0, 9))),
            detail=chance.choice(WORDS) * chance.randint(0, 50),
            milliseconds=chance.choice([None, 0.0, 0.1 + 0.2, 1e-9, 1e12, 7.0]),
            change=chance.choice(["", "ch1"]),
        )


@pytest.mark.parametrize("keyed", [False, True])
def test_no_honest_log_is_called_broken_and_no_tampering_is_missed(tmp_path, keyed):
    key = KEY if keyed else None
    for seed in range(RUNS // 2):
        chance = random.Random(seed)  # noqa: S311 - the same logs each time
        path = write_rows(tmp_path / f"{seed}.db", random_rows(chance), key)
        last = verify([path], key).last
        anchors = [anchor_at(path, seq) for seq in range(1, last + 1)]
        assert verify([path], key, anchors).bad is None

        kind = chance.choice(["edit", "delete", "reorder", "insert", "truncate", "rewrite"])
        forger = Forger(path, seed)
        bad = getattr(forger, kind)()
        forger.leave()

        assert verify([path], key, anchors).bad.seq == bad, (seed, kind)
        path.unlink()
