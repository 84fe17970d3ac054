"""What blocks are made of: the blocks inside others, and the elements that a person can touch."""

from collections.abc import Iterable, Iterator

from bot.demo.workspace.refusal import Json

_HOLDERS = {"container": "child_blocks", "carousel": "elements"}
_ROWS = {"actions": "elements", "context_actions": "elements", "card": "actions"}
_QUIET = {"image", "plain_text", "mrkdwn"}


def every_block(blocks: Iterable[Json]) -> Iterator[Json]:
    """These blocks and those inside containers and carousels."""
    for block in blocks:
        yield block
        if inner := _HOLDERS.get(str(block.get("type"))):
            yield from every_block(block.get(inner, []))


def leaves(blocks: Iterable[Json]) -> Iterator[Json]:
    """The blocks among them that hold no others."""
    return (block for block in every_block(blocks) if block.get("type") not in _HOLDERS)


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of one such block: its accessory, its input, or those in its row."""
    found = [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]
    if row := _ROWS.get(str(block.get("type"))):
        found += block.get(row, [])
    return [element for element in found if element.get("type") not in _QUIET]


def touchable(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, element) of these blocks, in reading order."""
    for block in leaves(blocks):
        for element in elements_of(block):
            yield block, element


def still_there(values: Json, blocks: Iterable[Json]) -> Json:
    """The part of `state.values` whose block_id and action_id these blocks still have."""
    names = {(block.get("block_id"), element.get("action_id")) for block, element in touchable(blocks)}
    kept = {
        block_id: {action: value for action, value in actions.items() if (block_id, action) in names}
        for block_id, actions in values.items()
    }
    return {block_id: actions for block_id, actions in kept.items() if actions}
