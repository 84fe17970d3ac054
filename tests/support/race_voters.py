"""A hundred voters who decide on one change: in Slack, on its cards, from Home tabs, and at terminals."""

import asyncio
import html
import random
from dataclasses import dataclass, field
from functools import partial

import httpx
from change_kit import CHANNEL, PEOPLE, Room

from bot.changes.record import Card, ChangeRecord

VOTERS = 100
MIXED = {"approve": 9, "approve --take-back": 3, "deny": 1, "withdraw": 1, "confirm": 1}
AGREEING = {"approve": 9, "confirm": 1}
REFUSING = {"deny": 9, "confirm": 1}
"""The lines of the voters, with weights. The winner of a mixed round depends on the speed of the machine, so
of every four rounds one only agrees and one only refuses: both ends are seen on every machine."""
BUTTON = "Withdraw"
"""The button whose press decides at once; the others open forms, whose lines the voters type instead."""
NAMES = ("alice", "bob", "bob", "carol", "carol")
GONE = frozenset({"action_not_found", "not_found"})
"""Slack's words for a button that is not there any more."""


@dataclass(frozen=True)
class Scene:
    """A change, the cards that each person sees, and for each person their Home tab and the button there that
    shows the change."""

    record: ChangeRecord
    cards: dict[str, list[Card]]
    homes: dict[str, tuple[str, dict[str, str]]]


@dataclass
class RaceVoters:
    """Voters who act at once. `taken` counts Slack's deliveries, each once; `odd` holds what is wrong."""

    scene: Scene
    chance: random.Random
    words: dict[str, int]
    terminal: Room
    http: httpx.AsyncClient
    taken: int = 0
    odd: list = field(default_factory=list)

    async def decides(self):
        members = [self._one() for _ in range(VOTERS)]
        await asyncio.gather(*members)

    def _one(self):
        name, roll = self.chance.choice(NAMES), self.chance.random()
        [words] = self.chance.choices([*self.words], [*self.words.values()])
        verb, _, rest = words.partition(" ")
        line = f"change {verb} {self.scene.record.id} {rest}".strip()
        typed = partial(self.acts, "slash", PEOPLE[name], channel=CHANNEL, text=f"/pg {line}")
        if roll < 0.35:
            return typed()
        if roll < 0.6:
            return self._twice(name) if verb == "withdraw" else asyncio.gather(typed(), typed())
        if roll < 0.75:
            return self._at_home(name, typed)
        return self.terminal.says(name, line)

    async def _twice(self, name):
        """Press twice on a card that they see, as impatient people do."""
        card = self.chance.choice(self.scene.cards[name])
        await asyncio.gather(*(self._presses(name, card) for _ in range(2)))

    async def _at_home(self, name, typed):
        """Press the button of their Home tab, and decide on what it has led to."""
        view_id, look = self.scene.homes[name]
        await asyncio.gather(self.acts("click", PEOPLE[name], view_id=view_id, **look), typed())

    def _presses(self, name, card):
        return self.acts("click", PEOPLE[name], channel=card.channel, ts=card.ts, label=BUTTON)

    async def acts(self, action, user, **what):
        """Act in Slack. Buttons may be gone by then; Slack says so."""
        outcome = (await self.http.post(f"/_workspace/{action}", json={"user": user, **what})).json()
        self.taken += outcome["ok"]
        if not outcome["ok"] and outcome["error"] not in GONE:
            self.odd.append(f"Slack was answered {outcome['error']} to {action}")


def buttons(blocks):
    """Return the labels of the buttons."""
    elements = [each for block in blocks for each in block.get("elements", ())]
    return [each["text"]["text"] for each in elements if each["type"] == "button"]


def find_item(blocks, change_id):
    """Return the button of a Home tab that shows the change, and the blocks of its item; None without it."""
    for at, block in enumerate(blocks):
        for each in (*block.get("elements", ()), block.get("accessory", {})):
            if str(each.get("value", "")).startswith(f"change show {change_id}"):
                button = {"block_id": block["block_id"], "action_id": each["action_id"]}
                return button, blocks[at - 1 : at + 1] if block["type"] == "actions" else [block]
    return None


def said_by(message):
    """Return title, text and everything else that a message shows, without the names of its parts."""
    blocks = [{name: each for name, each in block.items() if name != "block_id"} for block in message.blocks]
    return html.unescape(message.text).partition("\n")[0], message.text, blocks
