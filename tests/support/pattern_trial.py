"""Trials of patterns in a process of its own, which is ended when a pattern takes absurdly long."""

import json
import re
import select
import subprocess
import sys
import time

LONGEST = 40_000
"""Characters of a trial, as many as a message in Slack has at most."""

SMALL, SOON = 1_000, 0.05
"""Up to so many characters, so many seconds of the processor are absurd: a linear pattern takes 0.0001."""

GROWTH = 6
"""Times that a character may cost of what it costs at SMALL; at LONGEST a square would come to 40 times."""

GIVEN_UP = 30
"""Seconds without a word from the trial."""

FLOOR = 2e-8
SIZES = (*range(12, 50), 64, 256, SMALL, 4_000, 12_000, LONGEST)
"""In steps so short that the first text that takes absurdly long takes little more than that; a square is
twice as much at 12,000 as what is too much, so that no chance lets it come to LONGEST."""


class PatternTrial:
    """`with PatternTrial() as trial:` a process that says which patterns grow faster than their text."""

    def __enter__(self):
        self._process = self._start()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    def _start(self):
        return subprocess.Popen(  # noqa: S603 - this file
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def find_slow(self, pattern, mode, attacks):
        """Return what is slow about it; empty where nothing is."""
        order = {
            "pattern": pattern.pattern,
            "flags": pattern.flags,
            "mode": mode,
            "attacks": [[each.prefix, each.pump, each.endings] for each in attacks],
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], GIVEN_UP)
        if not ready:
            self.__exit__()
            self._process = self._start()
            return f"no end in {GIVEN_UP} seconds"
        return json.loads(self._process.stdout.readline())


def try_attack(work, prefix, pump, endings):
    """Return what is slow about `work` on ever longer texts; empty where it grows as they do."""
    for ending in endings:
        small, least = "", 0.0
        for size in SIZES:
            text = (prefix + pump * (size // len(pump)))[:size] + ending
            cost = _cost(work, text)
            if size < SMALL and cost > SOON and min(_cost(work, text) for _ in range(3)) > SOON:
                return f"{cost:.2f} s for {size} characters of {text[:60]!r}"
            if size == SMALL:
                small, least = text, min(cost, _cost(work, text))
            if small and _growth(small, least, text, cost) > GROWTH:
                growth = _growth(small, *_measure_again(work, small, text))
                if growth > GROWTH:
                    return f"{growth:.0f} times as slow at {size:,} characters of {text[:60]!r} + {ending!r}"
    return ""


def _growth(small, least, text, cost):
    """Return how many times as much a character of `text` costs as one of `small`."""
    return cost / len(text) / max(least / len(small), FLOOR)


def _measure_again(work, small, text):
    """Return the costs of both, measured in turn: a busy machine is slow for a while, and so for both."""
    costs = [(_cost(work, small), _cost(work, text)) for _ in range(3)]
    return min(each for each, _ in costs), text, min(each for _, each in costs)


def _cost(work, text):
    begun = time.thread_time()
    work(text)
    return time.thread_time() - begun


def main():
    for line in sys.stdin:
        order = json.loads(line)
        pattern = re.compile(order["pattern"], order["flags"])
        uses = {"search": lambda text, found=pattern: found.sub("", text)}
        work = uses.get(order["mode"]) or getattr(pattern, order["mode"])
        slow = next(filter(None, (try_attack(work, *each) for each in order["attacks"])), "")
        sys.stdout.write(json.dumps(slow) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
