"""Six ways to tamper with a log, at random places: each is found and the row named.

The log has 1,000 rows, and in a soak 10,000.
"""

import pytest
from audit_kit import Forger, anchor_at, copy_log, write_log
from example_counts import examples

from bot.audit.verify import verify

ROWS = examples(1_000, 10_000)
SEEDS = range(4)
KEY = b"a key that only the bot has"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return write_log(tmp_path_factory.mktemp("audit") / "pgbot.db", ROWS)


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    return write_log(tmp_path_factory.mktemp("audit") / "pgbot.db", 300, KEY)


def tampered(log, tmp_path, kind, seed):
    path = copy_log(log, tmp_path / f"{kind}-{seed}.db")
    forger = Forger(path, seed)
    bad = getattr(forger, kind)()
    forger.leave()
    return path, bad


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["edit", "delete", "reorder", "insert"])
def test_what_breaks_the_chain_is_found_without_any_anchor(log, tmp_path, kind, seed):
    path, bad = tampered(log, tmp_path, kind, seed)

    assert verify([path]).bad.seq == bad


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_off_end_is_found_by_an_anchor_and_the_first_missing_row_named(log, tmp_path, seed):
    anchors = [anchor_at(log, seq) for seq in (ROWS // 20, ROWS)]
    path, bad = tampered(log, tmp_path, "truncate", seed)

    assert verify([path]).bad is None
    assert verify([path], anchors=anchors).bad.seq == bad


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rewritten_end_is_found_by_the_first_anchor_in_it(log, tmp_path, seed):
    anchors = [anchor_at(log, seq) for seq in range(100, ROWS + 1, 100)]
    path, bad = tampered(log, tmp_path, "rewrite", seed)

    found = verify([path], anchors=anchors).bad

    assert verify([path]).bad is None
    assert found.seq == -(-bad // 100) * 100
    assert f"rows after {found.seq - 100} up to here" in found.why


def test_a_log_rewritten_from_its_first_row_is_found(log, tmp_path):
    path = copy_log(log, tmp_path / "copy.db")
    forger = Forger(path, 0)
    forger.run("UPDATE audit SET actor = 'slack:U0SOMEONE'")
    forger.rehash(1)
    forger.leave()

    assert verify([path]).bad is None
    assert verify([path], anchors=[anchor_at(log, ROWS - 300)]).bad.seq == ROWS - 300


@pytest.mark.parametrize("kind", ["edit", "delete", "reorder", "insert", "rewrite"])
def test_with_a_key_even_a_rewritten_end_is_found_without_an_anchor(keyed, tmp_path, kind):
    path, bad = tampered(keyed, tmp_path, kind, 1)

    assert verify([path], KEY).bad.seq == bad


def test_a_keyed_log_that_is_rewritten_without_a_key_from_the_first_row_is_found(keyed, tmp_path):
    path = copy_log(keyed, tmp_path / "copy.db")
    forger = Forger(path, 0)
    forger.rehash(1)
    forger.leave()

    found = verify([path], KEY).bad

    assert (found.seq, "no keyed hash" in found.why) == (1, True)


def test_rows_with_numbers_that_no_row_has_are_found(log, tmp_path):
    path = copy_log(log, tmp_path / "copy.db")
    forger = Forger(path, 0)
    forger.run("UPDATE audit SET seq = -5 WHERE seq = 10")
    forger.leave()

    assert verify([path]).bad.seq == -5


@pytest.mark.parametrize("number", range(20))
def test_an_honest_log_raises_no_alarm(tmp_path, number):
    key = KEY if number % 2 else None
    path = write_log(tmp_path / "pgbot.db", 7 + 13 * number, key)
    last = 7 + 13 * number

    verdict = verify([path], key, [anchor_at(path, seq) for seq in (1, last // 2, last)])

    assert verdict.bad is None
    assert (verdict.rows, verdict.last, verdict.anchored) == (last, last, 3)
