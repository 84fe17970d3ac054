"""Databases from Slack, through Socket Mode: listed, made by form, deleted by form."""

import pytest
from form_kit import form, message, modal, modals, search, submit, text_of
from password_site import BOB, confirm_only_change

pytestmark = pytest.mark.anyio


def list_databases(site, cluster):
    """Return the cloud's databases."""
    return next(each for each in site.demo.cloud.everything() if each.name == cluster).databases


async def test_listed_on_both_apis(socket_site):
    on_v1 = await socket_site.ask(BOB, "/pg database list orders-staging")
    on_v2 = await socket_site.ask(BOB, "/pg database list payments-prod")

    assert "orders" in text_of(on_v1["blocks"])
    assert "pg_database" in text_of(on_v2)


async def test_made_by_form_with_an_owner_searched_for(socket_site):
    site = socket_site
    view = await form(site, BOB, "/pg database create orders-staging")
    owners = await search(site, BOB, view, "owner", "ord")
    wrong = await submit(site, BOB, view, database="x" * 64, owner="orders")
    first = await submit(site, BOB, view, database="archive", owner="orders")
    review = await modal(site, BOB, "does not exist")
    await submit(site, BOB, review)
    await message(site, BOB, "Create database archive")
    done = await confirm_only_change(site, BOB)

    assert "orders" in owners
    assert list(wrong["ack"]["errors"]) == ["field:database"]
    assert first["ok"], first
    assert done.state == "done"
    assert list_databases(site, "orders-staging")["archive"].owner == "orders"


async def test_deleted_by_form_after_a_look_at_what_is_lost(socket_site):
    site = socket_site
    view = await form(site, BOB, "/pg database delete orders-staging")
    offered = await search(site, BOB, view, "database", "")
    first = await submit(site, BOB, view, database=offered[0])
    await modal(site, BOB, "Its data will be lost")
    there = offered[0] in list_databases(site, "orders-staging")

    assert first["ok"], first
    assert there
    assert len(await modals(site, BOB)) == 1
