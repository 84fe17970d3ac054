"""The declared floors of the house: which room imports which. `make docs` prints them for architecture.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """A package: its floor, counted from the top, its purpose, and the rooms that it imports."""

    floor: int
    purpose: str
    imports: tuple[str, ...] = ()


EVERYTHING = (
    *("bot.access", "bot.audit", "bot.changes", "bot.commands", "bot.demo", "bot.domain", "bot.ionos"),
    *("bot.readiness", "bot.reports", "bot.runtime", "bot.settings", "bot.slack", "handlers", "migrations"),
)

ROOMS = {
    "bot.programs": Room(1, "what `pgbot` starts; puts the other rooms together", EVERYTHING),
    "handlers": Room(
        2,
        "one file per subcommand; what several share is in `handlers/shared/`",
        (
            *("bot.access", "bot.audit", "bot.changes", "bot.commands", "bot.domain", "bot.ionos"),
            *("bot.reports", "bot.settings", "migrations"),
        ),
    ),
    "bot.slack": Room(
        3,
        "Slack: gateway, inbox, renderers, forms, outbox, manifest",
        ("bot.access", "bot.changes", "bot.commands", "bot.domain", "bot.runtime", "bot.settings"),
    ),
    "bot.commands": Room(
        4,
        "declare, parse and run a command: one invocation in, one reply out",
        (
            *("bot.access", "bot.audit", "bot.changes", "bot.domain", "bot.ionos", "bot.readiness"),
            *("bot.reports", "bot.runtime", "bot.settings"),
        ),
    ),
    "bot.reports": Room(
        5,
        "reports: due times, runs, differences, messages",
        ("bot.access", "bot.audit", "bot.changes", "bot.domain", "bot.runtime", "bot.settings"),
    ),
    "bot.changes": Room(
        6,
        "the approval workflow: state machine, executor, cards, passwords",
        ("bot.access", "bot.audit", "bot.domain", "bot.ionos", "bot.runtime", "bot.settings"),
    ),
    "bot.demo": Room(
        6,
        "simulators of the cloud and of Slack, and the demo's page; part of the product",
        ("bot.audit", "bot.domain", "bot.runtime"),
    ),
    "bot.access": Room(7, "who may run, see and approve what", ("bot.domain", "bot.settings")),
    "bot.audit": Room(
        7,
        "the audit log: entries, hash chain, anchors, export; checks evidence off-line",
        ("bot.domain", "bot.runtime", "bot.settings"),
    ),
    "bot.ionos": Room(
        7, "one fleet over both IONOS APIs; the only HTTP to the cloud", ("bot.domain", "bot.runtime")
    ),
    "bot.readiness": Room(
        7, "stored snapshots, sightings and waivers of the move to v2", ("bot.domain", "bot.runtime")
    ),
    "bot.runtime": Room(
        8, "the process: clock, tasks, database thread, workflow engine, web server", ("bot.domain",)
    ),
    "bot.settings": Room(8, "`app.yaml`, the environment, secrets by reference", ("bot.domain",)),
    "migrations": Room(8, "readiness rules, scan, pack and their formats", ("bot.domain",)),
    "bot.domain": Room(9, "clusters, plans, replies, errors, times; pure"),
}
"""Exactly what is imported today, types included. A new arrow is a decision: it needs a line here."""


def floor_table() -> str:
    """Return the rooms as a Markdown table, from the top floor down."""
    rows = ["| floor | room | responsibility | imports |", "| --- | --- | --- | --- |"]
    for name, room in ROOMS.items():
        below = ", ".join(each.removeprefix("bot.") for each in room.imports) or "nothing of ours"
        imports = "every room" if room.imports == EVERYTHING else below
        rows.append(f"| {room.floor} | `{name.replace('.', '/')}/` | {room.purpose} | {imports} |")
    return "\n".join(rows)
