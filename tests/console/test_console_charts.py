"""Charts and tables on the page: all their text is readable."""

from itertools import pairwise

import pytest
from console_site import open_console
from playwright.async_api import expect

pytestmark = pytest.mark.anyio

DAYS = [f"2026-11-{day}" for day in range(23, 31)]

BOXES = """texts => texts.map(text => {
    const [box, frame] = [text, text.ownerSVGElement].map(each => each.getBoundingClientRect());
    return [box.left - frame.left, box.right - frame.left, frame.width, Math.round(box.top)];
})"""


def chart(kind, *values):
    series = [
        {
            "name": "asked",
            "data": [{"label": day, "value": value} for day, value in zip(DAYS, values, strict=True)],
        }
    ]
    shape = {"type": kind, "series": series, "axis_config": {"categories": DAYS}}
    return {"type": "data_visualization", "title": "By day", "chart": shape}


async def post(console, *blocks):
    posted = await console.client.chat_postMessage(channel="C0OPS", text="numbers", blocks=list(blocks))
    return console.page.locator(f'#messages [data-ts="{posted["ts"]}"]')


async def test_labels_neither_touch_each_other_nor_leave_the_chart(browser):
    async with open_console(browser) as console:
        for kind in ("bar", "line"):
            message = await post(console, chart(kind, 0, 1, 2, 0, 0, 1, 2, 1))
            names = message.locator("svg[role=img] text").filter(has_text="2026-")
            await expect(names.last).to_be_visible()
            boxes = await names.evaluate_all(BOXES)

            assert len(boxes) > 2
            assert all(left >= 0 and right <= width for left, right, width, _top in boxes)
            assert all(one[1] + 4 <= other[0] for one, other in pairwise(boxes))


async def test_what_is_counted_has_no_halves_and_nought_no_bar(browser):
    async with open_console(browser) as console:
        message = await post(console, chart("bar", 0, 1, 2, 0, 0, 1, 2, 1))
        await expect(message.locator("svg[role=img] > text[text-anchor=end]")).to_have_text(["0", "1", "2"])
        await expect(message.locator("svg[role=img] > rect")).to_have_count(5)


async def test_a_long_cell_is_shown_to_its_end(browser):
    words = "the current backup can't be restored yet: its first base backup is not complete"
    table = {
        "type": "data_table",
        "caption": "Backups",
        "rows": [
            [{"type": "raw_text", "text": text} for text in row]
            for row in (["Cluster", "Warning"], ["a", words])
        ],
    }
    async with open_console(browser) as console:
        cell = (await post(console, table)).get_by_role("cell", name=words)
        await expect(cell).to_be_visible()
        assert await cell.evaluate("each => each.scrollWidth <= each.clientWidth")
