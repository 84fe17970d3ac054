"""Kept listings are shown again without calling the cloud."""

import json
import sqlite3
import zlib
from datetime import timedelta

import anyio
import pytest
from bot_site import bot_site
from form_kit import message, text_of

from bot.commands.listing_cache import KEEP_FOR

pytestmark = pytest.mark.anyio
ALICE, BOB = "U0ALICE", "U0BOB"


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


@pytest.fixture
async def http_site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode="http") as site:
        yield site


async def press(site, user, shown, label):
    """Press a button and return how often the cloud was called."""
    before = site.demo.cloud.calls.count()
    outcome = await site.click(user, shown, label)
    await site.idle()
    assert outcome["ok"], outcome
    return site.demo.cloud.calls.count() - before


async def test_sharing_asks_the_cloud_nothing_and_says_how_old_it_is(site):
    shown = await site.ask(BOB, "/pg cluster list orders")
    site.demo.clock.advance(timedelta(minutes=3))
    asked = await press(site, BOB, shown, "Share to channel")
    shared = await message(site, ALICE, "orders-prod")

    assert asked == 0
    assert "The cloud was read 3 minutes ago" in text_of(shared)


async def test_a_listing_goes_into_a_thread_below_its_title(site):
    shown = await site.ask(BOB, "/pg cluster list orders")
    before = site.demo.cloud.calls.count()
    outcome = await site.click(BOB, shown, "Send to thread")
    await message(site, ALICE, "clusters")
    with anyio.fail_after(120):
        while await site.unanswered():
            # One message a second into a channel is all that Slack takes.
            site.demo.clock.advance(timedelta(seconds=1))
            await anyio.sleep(0.01)
    below = await message(site, ALICE, "orders-prod")
    head = next(each for each in await site.seen(ALICE) if each["ts"] == below["thread_ts"])

    assert outcome["ok"], outcome
    assert before == site.demo.cloud.calls.count()
    assert "orders-prod" not in text_of(head["blocks"])
    assert "clusters" in head["text"]


async def test_a_csv_comes_by_direct_message(site):
    shown = await site.ask(BOB, "/pg cluster list orders")
    asked = await press(site, BOB, shown, "CSV")
    channels = (await site.http.get("/_workspace/channels", params={"user": BOB})).json()["channels"]
    direct = next(each["id"] for each in channels if each["kind"] == "im")
    files = [file["name"] for each in await site.seen(BOB, direct) for file in each.get("files", [])]

    assert asked == 0
    assert files == ["clusters.csv"]


async def test_paging_and_sorting_look_at_what_was_listed(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, clusters=600) as site:
        shown = await site.ask(BOB, "/pg cluster list --sort region")
        paging = await press(site, BOB, shown, "Next rows")
        kept = [row["text"] for row in site.audit()][-1].partition("--kept ")[2]
        before = site.demo.cloud.calls.count()
        await site.ask(BOB, f"/pg cluster list --sort storage --kept {kept}")

        assert paging == 0
        assert kept
        assert before == site.demo.cloud.calls.count()


def of_other_accounts(content):
    texts = json.loads(zlib.decompress(content))
    return zlib.compress(json.dumps(texts | {"accounts": "others"}).encode())


@pytest.mark.parametrize(
    "alter", [lambda _content: zlib.compress(b'{"clusters of old": "{}"}'), of_other_accounts]
)
async def test_a_listing_of_another_release_or_of_other_accounts_is_read_afresh(http_site, alter):
    await http_site.ask(BOB, "/pg cluster list orders")
    await http_site.idle()
    kept = http_site.audit()[-1]["trace"]
    connection = sqlite3.connect(http_site.bot.kernel.database.path)
    [(content,)] = connection.execute("SELECT content FROM listings WHERE person = ''")
    connection.execute("UPDATE listings SET content = ? WHERE person = ''", (alter(content),))
    connection.commit()
    connection.close()
    before = http_site.demo.cloud.calls.count()
    again = await http_site.ask(BOB, f"/pg cluster list orders --kept {kept}")

    assert "orders-prod" in text_of(again)
    assert "This list was read again, because the earlier one has expired." in text_of(again)
    assert http_site.demo.cloud.calls.count() > before


async def test_what_is_too_old_or_somebody_elses_is_asked_for_afresh(site):
    await site.ask(BOB, "/pg cluster list orders")
    await site.idle()
    kept = site.audit()[-1]["trace"]
    again = f"/pg cluster list orders --kept {kept}"
    before = site.demo.cloud.calls.count()
    await site.ask(ALICE, again)
    by_alice = site.demo.cloud.calls.count()
    site.demo.clock.advance(KEEP_FOR + timedelta(seconds=1))
    late = await site.ask(BOB, again)

    assert by_alice > before
    assert site.demo.cloud.calls.count() > by_alice
    assert "The cloud was read" not in text_of(late)


async def test_a_listing_outlives_the_process_that_made_it(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.ask(BOB, "/pg cluster list orders")
        await site.idle()
        path, kept = site.bot.kernel.database.path, site.audit()[-1]["trace"]
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT key, person FROM listings WHERE person <> ''").fetchall()
    connection.close()

    assert rows == [(kept, BOB)]


async def test_a_listing_that_many_people_asked_for_is_stored_once(http_site):
    for line in ("cluster list", "cluster list orders", "status"):
        await http_site.ask(BOB, f"/pg {line}")
        await http_site.ask(ALICE, f"/pg {line}")
    await http_site.idle()
    connection = sqlite3.connect(http_site.bot.kernel.database.path)
    rows = connection.execute("SELECT person, length(content) FROM listings").fetchall()
    connection.close()
    contents = [size for person, size in rows if not person]

    assert len(rows) - len(contents) == 6
    assert len(contents) <= 3  # one for each line, however many people asked
    assert all(size < 100 for person, size in rows if person)


# Lines that change nothing, asked of one bot


@pytest.fixture(scope="module", params=["socket", "http"])
async def running_site(request, tmp_path_factory, anyio_backend):
    with pytest.MonkeyPatch.context() as patch:
        async with bot_site(tmp_path_factory.mktemp("site"), patch, mode=request.param) as site:
            yield site


@pytest.fixture
def shared_site(running_site):
    """A site for lines that change nothing. Slack takes one message a second into a channel."""
    running_site.demo.clock.advance(timedelta(seconds=5))
    return running_site


@pytest.mark.parametrize("running_site", ["http"], indirect=True)
@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("cluster list", "cluster list --state AVAILABLE --sort storage"),
        ("cluster show orders-prod", "cluster show orders-prod"),
        ("backup list", "backup list --stale 2h"),
        ("backup list orders-prod", "backup list orders-prod --csv"),
        ("backup show da711448", "backup show da711448"),
        ("user list orders-prod", "user list orders-prod"),
        ("user show orders-prod orders", "user show orders-prod orders"),
        ("database list orders-prod", "database list orders-prod"),
        ("version list", "version list --api v2"),
        ("status", "status"),
        ("migration status", "migration status --verdict blocked"),
        ("migration show ledger-prod", "migration show ledger-prod"),
        ("summary migration", "summary migration"),
    ],
)
async def test_every_look_can_be_had_again_filtered_and_shared_without_asking(shared_site, line, other):
    unasked = shared_site.demo.cloud.calls.count()
    await shared_site.ask(BOB, f"/pg {line}")
    await shared_site.idle()
    kept = shared_site.audit()[-1]["trace"]
    before = shared_site.demo.cloud.calls.count()
    await shared_site.ask(BOB, f"/pg {other} --kept {kept} --share")
    await shared_site.idle()

    assert before > unasked
    assert shared_site.audit()[-1]["outcome"] == "ok"
    assert shared_site.demo.cloud.calls.count() == before


async def test_every_answer_ends_with_the_line_that_repeats_it(shared_site):
    answer = await shared_site.ask(BOB, "/pg cluster  list  orders --state=AVAILABLE --share=no")

    assert text_of(answer["blocks"][-1]).count("/pg cluster list orders --state AVAILABLE") == 1


async def test_a_dry_run_shows_what_a_change_would_do_and_keeps_nothing(shared_site):
    answer = await shared_site.ask(BOB, '/pg restore orders-prod --to 2h --reason "x" --dry-run')
    await shared_site.idle()

    assert "2 DBA approvals" in text_of(answer)
    assert "nothing was requested" in text_of(answer)
    assert [row for row in shared_site.audit() if row["kind"] == "plan"] == []


@pytest.mark.parametrize("flag", ["--dry-run", "--as cli"])
async def test_the_line_below_what_was_only_looked_at_only_looks_as_well(shared_site, flag):
    answer = await shared_site.ask(BOB, f"/pg restore orders-prod --to 2h --reason x {flag}")

    assert f"/pg restore orders-prod --reason x --to 2h {flag}" in text_of(answer["blocks"][-1])
