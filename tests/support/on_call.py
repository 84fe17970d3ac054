"""A person on call: does only what the bot shows, and counts the steps and the words to read."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

from bot_site import OPS, Site
from form_kit import act, views
from passing_time import until

_MARKUP = re.compile(r"<!date\^[^>|]*\|([^>]*)>|<[@#!][^>|]*(?:\|([^>]*))?>|<[^>|]*\|([^>]*)>|[*_`~]")
"""Slack's forms in mrkdwn. A person reads a date's or link's label, and one word for a mention."""

_CLOSED = {"options", "option_groups", "confirm"}
"""What is behind a menu or a button that nobody has opened."""


def words_in(thing: Any) -> int:
    """Return the number of words in blocks: texts, labels, cells and buttons."""
    return sum(len(text.split()) for text in texts_in(thing))


def texts_in(thing: Any):
    """Yield every text of blocks or a view."""
    if isinstance(thing, list):
        for each in thing:
            yield from texts_in(each)
    elif isinstance(thing, dict):
        is_date, is_markup = thing.get("type") == "date", thing.get("type") == "mrkdwn"
        text = thing.get("fallback" if is_date else "text")
        if isinstance(text, str):
            yield html.unescape(_MARKUP.sub(_label, text)) if is_markup else text
        if thing.get("type") == "data_table":
            # The rest is on further pages.
            thing = {**thing, "rows": thing["rows"][: 1 + thing.get("page_size", 5)]}
        is_menu = str(thing.get("type")).endswith(("select", "overflow"))
        for name, inner in thing.items():
            if name not in (_CLOSED if is_menu else {"confirm"}):
                yield from texts_in(inner)


def _label(found: re.Match[str]) -> str:
    return next((each for each in found.groups() if each), " " if found[0] in "*_`~" else " @name ")


def buttons_in(thing: Any):
    """Yield (block_id, element) of every element that can be used."""
    if isinstance(thing, list):
        for each in thing:
            yield from buttons_in(each)
    elif isinstance(thing, dict):
        for each in (thing.get("accessory"), thing.get("element"), *(thing.get("elements") or ())):
            if isinstance(each, dict) and each.get("action_id"):
                yield thing.get("block_id"), each
        for name in ("blocks", "child_blocks"):
            yield from buttons_in(thing.get(name) or [])


NOTES = ("Please keep it.", "please leave it here.")
"""The ends of two messages that are the bot's own notes, about its data and which bot holds the app. It posts
and edits them whenever it gets to it, also in the middle of a task."""


@dataclass
class Shown:
    """A message or view: where it is, for the operator API, and its blocks."""

    place: dict
    blocks: list
    view: dict = field(default_factory=dict)


@dataclass
class OnCall:
    """A person with a phone or a desk. Each line, press, choice and filled field is a step."""

    site: Site
    user: str
    steps: int = 0
    words: int = 0
    new: list[Shown] = field(default_factory=list)
    _known: dict[str, Shown] = field(default_factory=dict)
    _values: dict[str, Any] = field(default_factory=dict)

    async def arrive(self) -> "OnCall":
        """Begin to count: what is there already was read before."""
        await self._look()
        self.words, self.new = 0, []
        return self

    async def say(self, sentence: str) -> None:
        """Write a plain sentence to the bot in #ops."""
        await self._step(act(self.site, "say", user=self.user, channel=OPS, text=f"@pgops {sentence}"))

    async def type(self, line: str) -> None:
        """Type a line of the slash command."""
        await self._step(self.site.slash(self.user, f"/pg {line}"))

    async def press(self, command: str, *words: str) -> None:
        """Press the newest button that runs this command with these words."""
        shown, block_id, element = self._find(command, words)
        target = {"block_id": block_id, "action_id": element["action_id"]}
        await self._step(act(self.site, "click", user=self.user, **shown.place, **target))

    async def choose(self, label: str) -> None:
        """Choose an option that changes the open form, by a part of its label."""
        for block_id, element in buttons_in(self.form.blocks):
            for option in element.get("options", ()):
                if label.casefold() in option["text"]["text"].casefold():
                    self._values[block_id] = option["value"]
                    target = {"block_id": block_id, "action_id": element["action_id"]}
                    chosen = {**self.form.place, **target, "value": option["value"]}
                    await self._step(act(self.site, "click", user=self.user, **chosen))
                    return
        raise AssertionError(f"no option “{label}” in: {self.reads()}")

    async def fill(self, **values: Any) -> None:
        """Fill in fields of the open form by their names; where it offers values, one of them."""
        for name, value in values.items():
            block = next((each for each in self.form.blocks if each.get("block_id") == f"field:{name}"), None)
            assert block, f"no field {name} in: {self.form.blocks}"
            if block["element"]["type"] == "external_select":
                target = {"block_id": block["block_id"], "action_id": block["element"]["action_id"]}
                found = await act(
                    self.site, "search", user=self.user, **self.form.place, **target, text=str(value)
                )
                assert value in [each["value"] for each in found["options"]], found
            self._values[block["block_id"]] = value
            self.steps += 1

    async def submit(self) -> None:
        """Press the button of the open form."""
        values, self._values = self._values, {}
        place = {"user": self.user, "view_id": self.form.place["view_id"]}
        await self._step(act(self.site, "submit", **place, values=values))

    async def wait_for(self, happened) -> None:
        """Let time pass until it has happened, and read what came of it."""
        await until(self.site, happened)
        await self._look()

    @property
    def form(self) -> Shown:
        """Return the form on top."""
        forms = [each for each in self._known.values() if each.view.get("type") == "modal"]
        assert forms, f"no form is open; the last answer was: {self.reads()}"
        return forms[-1]

    def reads(self) -> str:
        """Return the text of what the last step has shown."""
        return " ".join(" ".join(texts_in(each.view or each.blocks)) for each in self.new)

    async def _step(self, action) -> None:
        self.steps += 1
        self.new = []
        outcome = await action
        assert outcome["ok"], outcome

        async def is_shown():
            return not await self.site.unanswered() and await self._look()

        # The bot posts once a second in a channel.
        await until(self.site, is_shown, seconds=1)

    async def _look(self) -> bool:
        """Read what is new or changed; return whether something is."""
        seen = {key: shown async for key, shown in self._see()}
        new = [each for key, each in seen.items() if self._known.get(key) != each]
        for key, shown in seen.items():
            before = self._known.get(key, Shown({}, []))
            self.words += sum(words_in(block) for block in shown.blocks if block not in before.blocks)
            if not before.view and shown.view:
                self.words += words_in({**shown.view, "blocks": []})
        self._known, self.new = seen, [*self.new, *new]
        return bool(new)

    async def _see(self):
        query = {"user": self.user}
        channels = (await self.site.http.get("/_workspace/channels", params=query)).json()["channels"]
        for channel in channels:
            for message in await self.site.seen(self.user, channel["id"]):
                if message["bot"] and not message["text"].endswith(NOTES):
                    place = {"channel": channel["id"], "ts": message["ts"]}
                    plain = [{"type": "plain_text", "text": message["text"]}]
                    yield message["ts"], Shown(place, message.get("blocks") or plain)
        found = await views(self.site, self.user)
        for view in (found["home"], *found["stack"]):
            if view:
                shown = {name: view[name] for name in ("type", "title", "submit", "close") if view.get(name)}
                yield view["id"], Shown({"view_id": view["id"]}, view["blocks"], shown)

    def _find(self, command: str, words: tuple[str, ...]) -> tuple[Shown, str, dict]:
        for shown in reversed([*self._known.values(), *self.new]):
            for block_id, element in buttons_in(shown.blocks):
                line = f"{element.get('value', '')} "
                if line.startswith(f"{command} ") and all(word in line for word in words):
                    return shown, block_id, element
        raise AssertionError(f"no button for “{command}” in: {self.reads()}")
