"""A person on call: does only what the bot shows, and counts the steps and the words read."""

import html
import re
import shlex
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from bot_site import OPS
from form_kit import act, views

TOKENS = re.compile(r"<!date\^[^>]*\|([^>]*)>|<(?:[@#!]|https?:)[^>|]*(?:\|([^>]*))?>|[*_`~]")
"""Slack's markup in mrkdwn, of which people read the fallback or label."""


def words_in(thing):
    """Return the number of words that a person reads in blocks: texts, labels, cells, buttons, options shown."""
    return sum(len(text.split()) for text in _texts(thing))


def _texts(thing):
    if isinstance(thing, list):
        for each in thing:
            yield from _texts(each)
    elif isinstance(thing, dict):
        kind, text = thing.get("type"), thing.get("text")
        if isinstance(text, str):
            yield html.unescape(TOKENS.sub(lambda found: found[1] or found[2] or " ", text)) if kind == "mrkdwn" else text
        # A closed menu and what is behind a button are not read.
        closed = {"options", "confirm"} if str(kind).endswith("select") or kind == "overflow" else {"confirm"}
        for name, inner in thing.items():
            if name not in closed:
                yield from _texts(inner)


def elements(thing):
    """Yield (block_id, element) of every button, menu and input."""
    if isinstance(thing, list):
        for each in thing:
            yield from elements(each)
    elif isinstance(thing, dict):
        held = [thing.get("accessory"), thing.get("element"), *thing.get("elements", [])]
        for each in held:
            if isinstance(each, dict) and each.get("action_id"):
                yield thing.get("block_id"), each
        for inner in thing.get("child_blocks", []):
            yield from elements(inner)


@dataclass
class OnCall:
    """A person with a phone or a desk. Each input and each press is a step."""

    site: object
    user: str
    steps: int = 0
    words: int = 0
    known: dict = field(default_factory=dict)
    screen: list = field(default_factory=list)

    async def arrive(self):
        """Begin to count: what is there already was read before."""
        await self._look()
        self.words, self.steps, self.screen = 0, 0, []
        return self

    # Inputs

    async def mention(self, text):
        """Write a sentence to the bot in #ops."""
        await self._done(act(self.site, "say", user=self.user, channel=OPS, text=f"@pgops {text}"))

    async def type(self, line):
        await self._done(self.site.slash(self.user, f"/pg {line}".strip()))

    async def open_home(self):
        await self._done(act(self.site, "home", user=self.user))

    async def press(self, command, holding=""):
        """Press the newest button that runs `command` with the word `holding` in its line."""
        place, block_id, element = self._button(command, holding)
        await self._done(
            act(self.site, "click", user=self.user, **place, block_id=block_id, action_id=element["action_id"])
        )

    async def fill(self, **values):
        """Fill fields of the open form, each a step; a field with a search is searched first."""
        self.form = getattr(self, "form", {})
        for name, value in values.items():
            self.steps += 1
            self.form[f"field:{name}"] = value
            view = self.screen[-1][1]
            block = next(each for each in view["blocks"] if each.get("block_id") == f"field:{name}")
            if block["element"]["type"] == "external_select":
                found = await act(self.site, "search", user=self.user, view_id=view["id"], block_id=block["block_id"],
                    action_id=block["element"]["action_id"], text=value)
                assert value in [each["value"] for each in found["options"]], found

    async def submit(self):
        view = self.screen[-1][1]
        filled, self.form = getattr(self, "form", {}), {}
        await self._done(act(self.site, "submit", user=self.user, view_id=view["id"], values=filled))

    async def wait(self, happened):
        """Let time pass until it has happened. Nothing is pressed meanwhile, so it is no step."""
        with anyio.fail_after(10):
            while not await happened():
                await anyio.sleep(0.02)
        await self._look()

    # What is seen

    async def _done(self, action):
        self.steps += 1
        outcome = await action
        assert outcome["ok"], outcome
        with anyio.fail_after(10):
            while await self.site.unanswered() or not await self._look():
                # The bot posts once a second in a channel.
                self.site.demo.clock.advance(timedelta(seconds=1))
                await anyio.sleep(0.02)

    async def _look(self):
        """Read what is new or changed; return whether something is."""
        shown = []
        channels = (await self.site.http.get("/_workspace/channels", params={"user": self.user})).json()["channels"]
        for channel in channels:
            for message in await self.site.seen(self.user, channel["id"]):
                if message["bot"]:
                    shown.append((f"{channel['id']} {message['ts']}", {"channel": channel["id"], "ts": message["ts"]}, message["blocks"] or [{"type": "plain", "text": message["text"]}]))
        found = await views(self.site, self.user)
        shown += [(view["id"], {"view_id": view["id"]}, view) for view in (found["home"], *found["stack"]) if view]
        new = [(place, content) for key, place, content in shown if self.known.get(key) != content]
        self.known |= {key: content for key, _place, content in shown}
        self.words += sum(words_in(content) for _place, content in new)
        self.screen = [*[each for each in self.screen if each[0] not in [place for place, _ in new]], *new]
        return bool(new)

    def _button(self, command, holding):
        wanted = command.split()
        for place, content in reversed(self.screen):
            for block_id, element in elements(content.get("blocks") if isinstance(content, dict) else content):
                line = _line(element)
                if line[: len(wanted)] == wanted and (not holding or holding in line):
                    return place, block_id, element
        raise AssertionError(f"no button for “{command}” in: {self.buttons()}")

    def buttons(self):
        return [element.get("value") or element["action_id"] for _place, content in self.screen
                for _block, element in elements(content.get("blocks") if isinstance(content, dict) else content)]


def _line(element):
    try:
        return shlex.split(str(element.get("value", "")))
    except ValueError:
        return str(element.get("value", "")).split()
