"""Faults in the layout of a page of the console: cut, covered, or scrolled within another scroll bar."""

SCROLLED_TWICE = """() => {
  const scrolls = (each) => each.scrollHeight > each.clientHeight + 1
    && /auto|scroll/.test(getComputedStyle(each).overflowY);
  const shown = [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility());
  const all = shown.filter(scrolls);
  const nested = all.filter((each) => all.some((other) => other !== each && other.contains(each)));
  const page = document.scrollingElement;
  const wide = page.scrollWidth > innerWidth || page.scrollHeight > innerHeight ? [page] : [];
  return [...nested, ...wide].map((each) => each.outerHTML.slice(0, 120));
}"""
"""Elements that scroll within another one, and the page itself if it scrolls at all."""

CUT = """() => [...document.querySelectorAll(
    "button, label, legend, h1, h2, h3, .name, .who, .title, .button, .tag, b, .hint")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden"))
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline")
  .map((each) => each.outerHTML.slice(0, 160))"""
"""Labels whose text is wider than their box."""

COVERED = """(selectors) => selectors.filter((selector) => {
  const box = [...document.querySelectorAll(selector)].at(-1).getBoundingClientRect();
  const at = document.elementFromPoint(box.left + box.width / 2, Math.min(box.bottom, innerHeight) - 4);
  return box.bottom > innerHeight + 1 || !at?.closest(selector);
})"""
"""Elements whose end is behind something else or out of sight."""


async def list_faults(page, *clear):
    """Return the faults of what the page shows, as readable lines; the selectors `clear` must be in sight."""
    found = [*await page.evaluate(SCROLLED_TWICE), *await page.evaluate(CUT)]
    return found + [f"covered: {each}" for each in await page.evaluate(COVERED, list(clear))]
