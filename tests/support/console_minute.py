"""The guided first minute, clicked through on the page."""

from collections.abc import Awaitable, Callable
from functools import partial

from console_site import TYPED
from playwright.async_api import expect

Look = Callable[[str], Awaitable[None]]


class Minute:
    """A player of the steps. `look(name)` is called at moments worth a picture."""

    def __init__(self, page, look: Look):
        self.page = page
        self.look = look
        self.next = page.locator("#guide li.next")

    async def play(self):
        """Play every step and return the titles of the steps."""
        actions = {
            "List the clusters": partial(self._type, "listed"),
            "Ask for a restore": partial(self._type, "asked"),
            "Approve as Bob": partial(self._approve, "approved-once"),
            "Approve as Carol": self._approve_second,
            "Watch it finish": self._wait,
            "See who is ready for v2": partial(self._type, "readiness"),
        }
        steps = await self.page.locator("#guide li").all()
        done = []
        for number, step in enumerate(steps, 1):
            title = await step.get_attribute("data-step")
            await expect(self.next).to_have_attribute("data-step", title)
            await actions[title]()
            await expect(self.page.locator("#guide li.done")).to_have_count(number)
            done.append(title)
        await expect(self.page.locator("#guide")).to_contain_text("All done")
        return done

    async def _type(self, name):
        line = await self.next.locator("code").inner_text()
        await self.next.get_by_role("button").click()
        await expect(self.page.locator(TYPED)).to_have_value(line)
        number = await self.page.locator("#guide li.done").count()
        await self.page.press(TYPED, "Enter")
        await expect(self.page.locator("#guide li.done")).to_have_count(number + 1)
        await expect(self.page.locator("#composer-note")).to_have_text("")
        await self.look(name)

    async def _approve(self, name):
        await self.next.get_by_role("button").click()
        button = self.page.locator(".message").get_by_role("button", name="Approve restore", exact=True)
        await button.hover()
        await self.look(f"before-{name}")
        await button.click()
        form = self.page.get_by_role("dialog")
        await form.get_by_role("button", name="Approve restore", exact=True).click()

    async def _approve_second(self):
        # A card is edited at most every three seconds: the second person reads who was first.
        first = self.page.locator(".message").filter(has_text="bob (DBA)")
        await expect(first.get_by_role("button", name="Approve restore", exact=True)).to_be_visible()
        await self._approve("approved-twice")

    async def _wait(self):
        await self.next.get_by_role("button").click()
        card = self.page.locator(".message").filter(has_text="Took")
        await expect(card).to_contain_text("Done: it is AVAILABLE.")
        await card.scroll_into_view_if_needed()
        await self.look("finished")
