"""`audit search`: every word must be there, whatever characters it has, and only in rows to be seen."""

import pytest
from audit_site import BOB, VERA, audit_site, notes_of, rows_of

from bot.audit.verify import verify
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        for line in (
            "cluster show orders-prod",
            "cluster show orders-staging",
            "cluster show Überall",
            "whoami",
        ):
            await site.ask(line)
        yield site


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("orders-prod", {"cluster show orders-prod"}),
        ("ORDERS available", {"cluster show orders-prod", "cluster show orders-staging"}),
        ("stag*", {"cluster show orders-staging"}),
        ("uberall", {"cluster show Überall"}),
        ("orders-prod nonsense", set()),
        ("show --outcome mistyped", {"cluster show Überall"}),
    ],
)
async def test_all_words_must_be_there(site, words, typed):
    rows = await site.rows(f"audit search {words}")

    assert {row["Typed"] for row in rows if not row["Typed"].startswith("audit")} == typed


@pytest.mark.parametrize("words", ['"', "'; DROP TABLE audit; --", "NEAR(", "a AND", "col:", "*", "^x", "()"])
async def test_no_characters_are_a_language(site, words):
    """They are looked for, or the words they are part of; none is an error of the database."""
    reply = await site.ask(f"audit search '{words}'" if "'" not in words else f'audit search "{words}"')

    assert "database" not in reply.title
    assert verify([site.terminal.kernel.database.path]).bad is None


async def test_a_cluster_is_found_by_its_id(site):
    cluster = await site.named("orders-prod")

    rows = await site.rows(f"audit search {cluster.id}")

    assert "cluster show orders-prod" in {row["Typed"] for row in rows}


async def test_what_may_not_be_seen_is_not_found(site):
    reply = await site.ask("audit search show", VERA)

    entries = make_document(reply)["data"]["entries"]
    assert {each["seq"] for each in entries} == {None}
    assert [each["id"] for each in entries] == [row["Entry"] for row in rows_of(reply)]
    assert "cluster show orders-staging" not in {row["Typed"] for row in rows_of(reply)}
    assert "cluster show orders-prod" in {row["Typed"] for row in rows_of(reply)}
    assert "You see your own entries" in notes_of(reply)


async def test_a_search_is_in_the_log_before_it_runs(site):
    await site.ask("audit search secretly", BOB)

    rows = await site.rows("audit search secretly --steps")

    assert [row["Outcome"] for row in rows if row["Typed"] == "audit search secretly"] == ["ok", "accepted"]
