"""Cases of a killed bot, and their outcomes."""

import itertools
import random
from dataclasses import dataclass, replace

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
"""Every name that a restore gives to `at_point` while nothing is lost; "looked" needs a lost answer."""

DRILL_POINTS = (
    "drill watched",
    "drill deleting",
    "drill deleted",
    "drill gone",
    "drill ended",
)
"""Points that only a drill passes."""

ACCEPTED = "cloud has accepted"
"""Not a point of ours: the cloud has done it, and its answer never arrives."""


@dataclass(frozen=True)
class Case:
    """The kills of one bot: at points, each once, or after a number of seconds of the machine's clock; and
    the point at which its disk is full for a while. With `bare`, its engine's file is gone at the last
    start. With `back`, copies of these files, taken when the point `copied` was passed first, are put back
    before it, if it was."""

    kills: tuple[str | float, ...]
    api: str = "v1"
    trace: str = "full"
    full: str = ""
    bare: bool = False
    command: str = "restore"
    copied: str = ""
    back: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The outcome of one case. `wrong` is empty when nothing was lost, doubled or told untruly."""

    case: Case
    killed: int
    posts: int
    end: str
    wrong: tuple[str, ...]

    def row(self):
        kills = ", ".join(each if isinstance(each, str) else f"{each:.2f} s" for each in self.case.kills)
        kills += f"full disk: {self.case.full}" if self.case.full else ""
        kills += ", no engine.db" if self.case.bare else ""
        kills += f", {' and '.join(self.case.back)} of “{self.case.copied}”" if self.case.back else ""
        words = "; ".join(self.wrong) or "good"
        counts = f"{self.killed:<5} {self.posts:<5} {self.end:<12}"
        return f"{self.case.command:<8}{self.case.api}  {self.case.trace:<5} {kills:<40} {counts} {words}"


HEAD = f"{'command API trace':<17} {'killed at':<40} kills POSTs {'end':<12} verdict"

NAMED = (
    *(Case((point,), api) for point, api in zip(POINTS, itertools.cycle(("v1", "v2")))),
    *(Case((ACCEPTED,), api) for api in ("v1", "v2")),
    Case((ACCEPTED, "looked")),
    *(Case((point,), api, "late") for point, api in (("armed", "v1"), (ACCEPTED, "v1"), ("sent", "v2"))),
    *(Case((point,), "v1", "late") for point in ("sending recorded", "acted", "seen")),
    *(Case((point,), api, "none") for point, api in ((ACCEPTED, "v1"), ("sent", "v1"), ("acted", "v2"))),
    *(
        Case((point,), api, command="drill")
        for point, api in zip(("sent", *DRILL_POINTS), itertools.cycle(("v1", "v2")))
    ),
)
"""Each point once, and those around the request again where its effect shows late or never."""


def older_case(seed):
    """Return a case of a change that may have been sent, after whose kill older copies are put back."""
    case = random_case(seed)
    chance = random.Random(f"copies {seed}")  # noqa: S311 - the same case for the same seed
    back = chance.choice([("pgbot.db",), ("pgbot.db",), ("engine.db",), ("engine.db", "pgbot.db")])
    kill = chance.choice([*POINTS[6:13], ACCEPTED, chance.uniform(0.5, 3)])
    return replace(case, kills=(kill,), command="restore", copied=chance.choice(POINTS), back=back)


def random_case(seed):
    """Return one to three kills, at points and at any moment; now and then of a drill."""
    chance = random.Random(seed)  # noqa: S311 - the same case for the same seed
    times = range(chance.randint(1, 3))
    if chance.random() < 0.2:
        # Only at points, and not between the attempt and the request: a drill looks for a day for what it may
        # have made, which is half an hour here.
        kills = [chance.choice([*DRILL_POINTS, "sent", "sending recorded", "seen"]) for _ in times]
        return Case(tuple(kills), chance.choice(["v1", "v2"]), command="drill")
    kills = [
        chance.choice([*POINTS, ACCEPTED, "looked", chance.uniform(0, 3), chance.uniform(0, 3)])
        for _ in times
    ]
    return Case(tuple(kills), chance.choice(["v1", "v2"]), chance.choice(["full", "full", "late", "none"]))
