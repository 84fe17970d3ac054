"""The blocks inside other blocks, and the elements that a person can use."""

from collections.abc import Iterable, Iterator

from bot.domain.block_kit.checks import Json, Place

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
