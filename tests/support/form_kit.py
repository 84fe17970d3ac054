"""Actions on and views of modals and Home tabs of a `bot_site`."""

import json

import anyio
from bot_site import OPS, PAUSE
from passing_time import until

ENDS = ("succeeded", "failed", "outcome unknown", "not in effect")


def text_of(thing) -> str:
    """Return all text of a view or message, to search in."""
    return json.dumps(thing, ensure_ascii=False)


async def act(site, action, **body):
    """Act as a person and return the simulator's outcome."""
    return (await site.http.post(f"/_workspace/{action}", json=body)).json()


async def views(site, user):
    """Return this person's open views: `stack` of modals and `home`."""
    return (await site.http.get("/_workspace/views", params={"user": user})).json()


async def modals(site, user):
    return (await views(site, user))["stack"]


async def modal(site, user, words, known=()):
    """Wait for a topmost modal with these words that is none of the `known` ones."""
    with anyio.fail_after(120):
        while True:
            found = await modals(site, user)
            if found and found[-1]["id"] not in known and words in text_of(found[-1]):
                return found[-1]
            await anyio.sleep(PAUSE)


async def form(site, user, line, channel=OPS):
    """Type an incomplete line and wait for its form; another one may still be open."""
    known = {each["id"] for each in await modals(site, user)}
    outcome = await site.slash(user, line, channel)
    assert outcome["ok"], outcome
    return await modal(site, user, "field:", known)


async def decide(site, user, shown, label, channel=OPS, **values):
    """Press the button of a decision and submit its form; return Slack's outcome of either that failed."""
    known = {each["id"] for each in await modals(site, user)}
    pressed = await site.click(user, shown, label, channel)
    if not pressed["ok"]:
        return pressed
    return await submit(site, user, await modal(site, user, label, known), **values)


async def submit(site, user, view, /, **values):
    """Fill in fields by name and submit."""
    filled = {f"field:{name}": value for name, value in values.items()}
    return await act(site, "submit", user=user, view_id=view["id"], values=filled)


async def choose(site, user, view, block_id, value):
    """Choose an answer or value that the rest of the form depends on; return the updated form."""
    element = next(each["element"] for each in view["blocks"] if each["block_id"] == block_id)
    target = {"block_id": block_id, "action_id": element["action_id"], "value": value}
    outcome = await act(site, "click", user=user, view_id=view["id"], **target)
    assert outcome["ok"], outcome
    with anyio.fail_after(120):
        while True:
            (now,) = (each for each in await modals(site, user) if each["id"] == view["id"])
            if now["hash"] != view["hash"]:
                return now
            await anyio.sleep(PAUSE)


async def search(site, user, view, field, text):
    """Type into a searched field and return the offered values."""
    block = next(each for each in view["blocks"] if each["block_id"] == f"field:{field}")
    answer = await act(
        site,
        "search",
        user=user,
        view_id=view["id"],
        block_id=block["block_id"],
        action_id=block["element"]["action_id"],
        text=text,
    )
    return [option["value"] for option in answer["options"]]


async def home(site, user, words):
    """Open the Home tab and wait for these words."""
    await act(site, "home", user=user)
    return await home_says(site, user, words)


async def home_says(site, user, words):
    with anyio.fail_after(120):
        while True:
            view = (await views(site, user))["home"]
            if view and words in text_of(view):
                return view
            await anyio.sleep(PAUSE)


async def message(site, user, words, channel=OPS):
    """Wait until this person sees a message with these words."""
    with anyio.fail_after(120):
        while True:
            for each in reversed(await site.seen(user, channel)):
                if words in text_of(each):
                    return each
            await anyio.sleep(PAUSE)


async def end_changes(site, user, title):
    """Let time pass until no change runs: a bot does not stop in the middle of one."""

    async def is_told():
        told = [text_of(each) for each in await site.seen(user)]
        return any(f"{title}{state}" in each for each in told for state in ENDS)

    await until(site, is_told)


def lines(site):
    """Return the invocations in the audit log, each with its outcome."""
    return [(row["text"], row["outcome"]) for row in site.audit() if row["kind"] == "invocation"]
