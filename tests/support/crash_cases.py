"""Where a bot is killed, and what became of it."""

import itertools
import random
from dataclasses import dataclass

POINTS = (
    "before claiming",
    "claimed",
    "started",
    "before observing",
    "observed",
    "before arming",
    "armed",
    "sent",
    "sending recorded",
    "acted",
    "seen",
    "watched",
    "ended",
    "card posted",
    "card recorded",
    "milestone posted",
)
"""Every name that `bot.changes` gives to `at_point` while nothing is lost; "looked" needs a lost answer."""

ACCEPTED = "cloud has accepted"
"""Not a point of ours: the cloud has done it, and its answer never arrives."""


@dataclass(frozen=True)
class Case:
    """Where the bot is killed: at points, each once, or after so many seconds of the machine's clock; and
    where its disk is full for a while. With `bare`, its engine's file is gone at the last start."""

    kills: tuple[str | float, ...]
    api: str = "v1"
    trace: str = "full"
    full: str = ""
    bare: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one case. `wrong` is empty when nothing was lost, doubled or told untruly."""

    case: Case
    killed: int
    posts: int
    end: str
    wrong: tuple[str, ...]

    def row(self):
        kills = ", ".join(each if isinstance(each, str) else f"{each:.2f} s" for each in self.case.kills)
        kills += f"full disk: {self.case.full}" if self.case.full else ""
        kills += ", no engine.db" if self.case.bare else ""
        words = "; ".join(self.wrong) or "good"
        counts = f"{self.killed:<5} {self.posts:<5} {self.end:<12}"
        return f"{self.case.api}  {self.case.trace:<5} {kills:<40} {counts} {words}"


HEAD = f"{'API trace':<9} {'killed at':<40} kills POSTs {'end':<12} verdict"

NAMED = (
    *(Case((point,), api) for point, api in zip(POINTS, itertools.cycle(("v1", "v2")))),
    *(Case((ACCEPTED,), api) for api in ("v1", "v2")),
    Case((ACCEPTED, "looked")),
    *(Case((point,), api, "late") for point, api in (("armed", "v1"), (ACCEPTED, "v1"), ("sent", "v2"))),
    *(Case((point,), "v1", "late") for point in ("sending recorded", "acted", "seen")),
    *(Case((point,), api, "none") for point, api in ((ACCEPTED, "v1"), ("sent", "v1"), ("acted", "v2"))),
)
"""Each point once, and those around the request again where its effect shows late or never."""


def random_case(seed):
    """One to three kills, at points and at any moment."""
    chance = random.Random(seed)  # noqa: S311 - the same case for the same seed
    kills = [
        chance.choice([*POINTS, ACCEPTED, "looked", chance.uniform(0, 3), chance.uniform(0, 3)])
        for _ in range(chance.randint(1, 3))
    ]
    return Case(tuple(kills), chance.choice(["v1", "v2"]), chance.choice(["full", "full", "late", "none"]))
