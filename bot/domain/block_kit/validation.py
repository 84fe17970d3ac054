"""The check of a message's blocks or a view, before sending and in the Slack simulator alike; and the blocks
and elements inside them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.blocks import BLOCKS_ON, VIEWS, Surface
from bot.domain.block_kit.checks import BlockProblem, Json, Place, Problems, typed

_MOST_CHARACTERS = {
    "markdown": limits.MARKDOWN_TEXT,
    "table": limits.TABLE_CHARACTERS,
    "data_table": limits.DATA_TABLE_CHARACTERS,
}
_MOST_BLOCKS = {"table": limits.TABLES, "data_visualization": limits.CHARTS}


def block_problems(blocks: Any, place: Place = ("blocks",)) -> list[BlockProblem]:
    """Return everything that Slack would refuse in the blocks of a message."""
    return list(BLOCKS_ON[Surface.MESSAGE](blocks, place)) or list(_total_problems(blocks, place))


def view_problems(view: Any) -> list[BlockProblem]:
    """Return everything that Slack would refuse in a modal or Home page."""
    problems = list(typed(VIEWS)(view, ("view",)))
    return problems or list(_total_problems(view["blocks"], ("view", "blocks")))


def _total_problems(blocks: list[Json], place: Place) -> Problems:
    """Check the limits on all blocks together, once each block has its shape."""
    placed = list(placed_blocks(blocks, place))
    for block_id in _repeated(block.get("block_id") for _, block in placed):
        yield BlockProblem(place, f"duplicate block_id: {block_id}")
    for where, block in placed:
        for action_id in _repeated(element.get("action_id") for element in elements_of(block)):
            yield BlockProblem(where, f"duplicate action_id: {action_id}")
    if sum(bool(element.get("focus_on_load")) for _, element in interactive_elements(blocks)) > 1:
        yield BlockProblem(place, "only one element can have focus_on_load set to true")
    yield from _sum_problems(placed)


def _repeated(values: Iterable[str | None]) -> Iterator[str]:
    return (value for value, times in Counter(values).items() if value is not None and times > 1)


def _sum_problems(placed: Iterable[tuple[Place, Json]]) -> Problems:
    characters, blocks = Counter[str](), Counter[str]()
    for place, block in placed:
        kind = block["type"]
        blocks[kind] += 1
        if kind in _MOST_CHARACTERS:
            most = _MOST_CHARACTERS[kind]
            characters[kind] += _text_length(block.get("rows", block))
            if characters[kind] > most:
                words = f"the text of all {kind} blocks must be less than {most + 1} characters"
                yield BlockProblem(place, words)
        if blocks[kind] > _MOST_BLOCKS.get(kind, blocks[kind]):
            yield _too_many_blocks(place, kind)


def _too_many_blocks(place: Place, kind: str) -> BlockProblem:
    if kind == "table":
        return BlockProblem(place, "only_one_table_allowed", code="only_one_table_allowed")
    return BlockProblem(place, f"no more than {_MOST_BLOCKS[kind]} {kind} blocks allowed")


def _text_length(value: Any) -> int:
    """Return the characters of a text, or of all texts inside lists and rich text."""
    if isinstance(value, list | tuple):
        return sum(map(_text_length, value))
    text = value.get("text")
    return len(text) if isinstance(text, str) else _text_length(value.get("elements", ()))


_BLOCKS_INSIDE = {"container": "child_blocks", "carousel": "elements"}
_ELEMENTS_INSIDE = {"actions": "elements", "context_actions": "elements", "card": "actions"}
_STATIC = {"image", "plain_text", "mrkdwn"}


def placed_blocks(blocks: Iterable[Json], place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Yield these blocks and those inside containers and carousels, each with its place."""
    for index, block in enumerate(blocks):
        yield (*place, index), block
        if key := _BLOCKS_INSIDE.get(str(block.get("type"))):
            yield from placed_blocks(block.get(key, []), (*place, index, key))


def every_block(blocks: Iterable[Json]) -> Iterator[Json]:
    """Yield these blocks and those inside containers and carousels."""
    return (block for _, block in placed_blocks(blocks))


def leaf_blocks(blocks: Iterable[Json]) -> Iterator[Json]:
    """Yield the blocks, inner ones included, that hold no blocks themselves."""
    return (block for block in every_block(blocks) if block.get("type") not in _BLOCKS_INSIDE)


def elements_of(block: Json) -> list[Json]:
    """Return the interactive elements of a leaf block: its accessory, its input, or those in its row."""
    found = [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]
    if row := _ELEMENTS_INSIDE.get(str(block.get("type"))):
        found += block.get(row, [])
    return [element for element in found if element.get("type") not in _STATIC]


def interactive_elements(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every interactive element with its block, in reading order."""
    for block in leaf_blocks(blocks):
        for element in elements_of(block):
            yield block, element
