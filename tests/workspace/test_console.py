"""The web page, driven by a browser as a person would use it."""

import pytest
from playwright.async_api import expect
from workspace_browser import open_browser, open_console_page
from workspace_showcase import post_showcase

pytestmark = pytest.mark.anyio

BOX = "#composer-text"


@pytest.fixture(scope="module")
async def browser():
    async with open_browser() as shared:
        yield shared


@pytest.fixture(scope="module")
async def shared_console(browser):
    async with open_console_page(browser) as console:
        yield console


@pytest.fixture
async def console(shared_console):
    """The page loaded anew, without messages and with nothing seen: a new one takes far more time."""
    for channel in shared_console.workspace.channels.values():
        channel.messages.clear()
    for kept in (shared_console.seen, shared_console.trouble, shared_console.hosts):
        kept.clear()
    await shared_console.page.goto(shared_console.url)
    await shared_console.page.wait_for_selector("[data-ready]")
    return shared_console


async def run(console, line):
    await console.page.fill(BOX, line)
    await console.page.press(BOX, "Enter")


async def test_a_command_is_typed_answered_and_its_button_clicked(console):
    page = console.page
    await page.type(BOX, "/pg cl")
    options = page.locator("#suggestions [role=option]")
    await expect(options).to_have_count(2)
    await page.press(BOX, "ArrowDown")
    await page.press(BOX, "Enter")
    await expect(page.locator(BOX)).to_have_value("/pg cluster list ")
    await page.press(BOX, "Enter")
    answer = page.locator(".message.private").last
    await expect(answer).to_contain_text("Only visible to you")
    await answer.get_by_role("button", name="Go").click()
    await expect(answer).to_contain_text("went 42")
    await expect(answer.get_by_role("button", name="Go")).to_have_count(0)
    await page.click("[data-person=U0BOB]")
    await expect(page.locator("[data-person=U0BOB]")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#messages")).not_to_contain_text("went 42")
    assert console.seen[0][1]["text"] == "cluster list"
    assert (console.trouble, console.hosts) == ([], {"127.0.0.1"})


async def test_a_command_without_an_answer_shows_the_error(console):
    await run(console, "/pg silence")
    await expect(console.page.locator(".message.error")).to_have_text(
        'Only visible to youSSlackbot10:00/pg failed with the error "operation_timeout"'
    )
    await run(console, "/nothing")
    await expect(console.page.locator("#composer-note")).to_have_text("No app here knows that command.")


async def test_a_table_is_paged_sorted_and_filtered_and_a_card_confirmed(console):
    page = console.page
    _listing, card_ts = await post_showcase(console.client)
    sheet = page.locator(".sheet").first
    names = sheet.locator("tbody th")
    await expect(names).to_have_count(10)
    await sheet.get_by_role("button", name="Next rows").click()
    await expect(names).to_have_text(["catalogue", "payments"])
    await sheet.get_by_role("button", name="Name").click()
    await expect(sheet.locator("thead th").first).to_have_attribute("aria-sort", "ascending")
    await expect(names.nth(1)).to_have_text("audit-archive")
    await sheet.get_by_role("searchbox").fill("orders")
    await expect(names).to_have_text(["orders-prod", "orders-staging"])

    card = page.locator(f'[data-ts="{card_ts}"]')
    await card.get_by_role("button", name="Approve restore").click()
    await page.locator("#confirm").get_by_role("button", name="Go back").click()
    await expect(page.locator("#confirm")).to_be_hidden()
    await console.client.chat_update(channel="C0OPS", ts=card_ts, text="*Approved* by <@U0BOB>")
    await expect(card.locator(".text strong")).to_have_text("Approved")
    await expect(card.locator(".mention")).to_have_text("@Bob Okafor")
    await expect(card.locator(".edited")).to_have_text(" (edited)")
    await expect(names).to_have_text(["orders-prod", "orders-staging"])

    await card.get_by_role("button", name="1 reply").click()
    await expect(page.locator("#thread-messages")).to_contain_text("Started")
    async with page.expect_download() as download:
        await page.locator("#messages .file").click()
    assert (await (await download.value).path()).read_text().startswith("name,state")
    assert (console.trouble, console.hosts) == ([], {"127.0.0.1"})


async def test_a_modal_shows_errors_keeps_what_was_typed_and_closes(console):
    page = console.page
    await run(console, "/pg status")
    await page.get_by_role("button", name="Ask").click()
    modal = page.locator("#modal")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal.get_by_role("alert").last).to_have_text("Please complete this required field.")
    await modal.get_by_label("Why").fill("bad")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal.locator(".wrong")).to_have_text("Say more.")
    await expect(modal.get_by_label("Why")).to_have_value("bad")
    await modal.get_by_label("Why").fill("good")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal).to_be_hidden()
    combobox = page.get_by_role("combobox", name="Find")
    await combobox.press_sequentially("ord")
    await expect(page.get_by_role("option", name="ord 2")).to_be_visible()
    await combobox.press("ArrowDown")
    await combobox.press("Enter")
    await expect(combobox).to_have_value("ord 2")
    assert [what for what, _payload in console.seen if what in {"view", "action"}][:3] == [
        "action",
        "view",
        "view",
    ]
    assert console.trouble == []


HOSTILE = (
    "<img src=x onerror=alert(1)> <script>alert(1)</script> <javascript:alert(1)|click> "
    "*<b>bold</b>* `<i>` ```<u>``` &lt;img src=x&gt; <https://example.com/?a=1&amp;b=2|*x*> <!channel>"
)


async def test_text_never_becomes_markup(console):
    blocks = [
        {"type": "section", "text": {"type": kind, "text": HOSTILE}} for kind in ("mrkdwn", "plain_text")
    ]
    posted = await console.client.chat_postMessage(channel="C0OPS", text=HOSTILE)
    blocked = await console.client.chat_postMessage(channel="C0OPS", text=HOSTILE, blocks=blocks)
    for ts in (posted["ts"], blocked["ts"]):
        said = console.page.locator(f'[data-ts="{ts}"] .text')
        await expect(said.first).to_contain_text("<img src=x>")
        assert await said.locator("img, script, b, i, u").count() == 0
        links = await said.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert set(links) == {"https://example.com/?a=1&b=2"}
    assert (console.trouble, console.hosts) == ([], {"127.0.0.1"})


async def test_it_works_on_a_phone_in_the_dark_and_remembers_the_choice(browser):
    async with open_console_page(
        browser, viewport={"width": 390, "height": 844}, color_scheme="dark"
    ) as console:
        page = console.page
        await post_showcase(console.client)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await expect(page.locator("#side")).to_be_hidden()
        await page.get_by_role("button", name="Channels and people").click()
        await page.locator("[data-channel=C0GENERAL]").click()
        await expect(page.locator("h1")).to_have_text("general")
        await expect(page.locator("#side")).to_be_hidden()
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = await page.evaluate(ground)
        await page.get_by_role("button", name="Switch between light and dark").click()
        light = await page.evaluate(ground)
        assert (dark, light) == ("rgb(22, 25, 29)", "rgb(255, 255, 255)")
        await page.reload()
        await page.wait_for_selector("[data-ready]")
        assert await page.evaluate(ground) == light


async def test_every_control_has_a_name_and_text_has_contrast(console):
    await post_showcase(console.client)
    await expect(console.page.locator(".chart")).to_be_visible()
    for scheme in ("light", "dark"):
        await console.page.emulate_media(color_scheme=scheme)
        assert await console.page.evaluate(NAMELESS) == []
        assert await console.page.evaluate(FAINT) == []


NAMELESS = """() => [
  ...document.querySelectorAll("button, input, select, textarea, a[href], img, [role=img]")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !(each.getAttribute("aria-label") || each.labels?.length || each.textContent.trim()
    || each.hasAttribute("alt") || each.getAttribute("aria-labelledby")))
  .map((each) => each.outerHTML)"""
"""Controls that a screen reader could not name."""

FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (colour, under) => {
    canvas.fillStyle = under;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return `rgb(${r}, ${g}, ${b})`;
  };
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => (element
    ? read(getComputedStyle(element).backgroundColor, ground(element.parentElement)) : "rgb(255, 255, 255)");
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    if (element.closest("button:disabled, svg, .visually-hidden, option")) continue;
    const below = ground(element);
    const [a, b] = [light(read(getComputedStyle(element).color, below)), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${element.tagName} ${element.className}`);
  }
  return found;
}"""
"""Text whose contrast with what is behind it is below 4.5 to 1 (WCAG 2.2, 1.4.3)."""


async def test_the_page_lets_nothing_in_from_elsewhere(console):
    answer = await console.page.goto(console.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert await console.page.locator("[style], [onclick]").count() == 0
    # The one inline script is the import map, which the policy lets in by its hash alone.
    assert await console.page.locator("script:not([src])").count() == 1
    assert policy.count("'sha256-") == 1


async def test_a_burst_of_messages_is_shown_to_the_last(console):
    for number in range(25):
        await console.client.chat_postMessage(channel="C0OPS", text=f"number {number}")
    shown = console.page.locator("#messages .text").filter(has_text="number")
    await expect(shown).to_have_text([f"number {number}" for number in range(25)])
    await expect(shown.last).to_be_in_viewport()
