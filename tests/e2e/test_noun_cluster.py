"""Clusters from Slack, through Socket Mode: looked at, resized by form, deleted by form."""

import pytest
from form_kit import end_changes, form, message, modal, modals, search, submit, text_of
from password_site import BOB

pytestmark = pytest.mark.anyio


async def test_listed_shown_and_misspelt(socket_site):
    site = socket_site
    listed = await site.ask(BOB, "/pg cluster list orders --state AVAILABLE")
    shown = await site.ask(BOB, "/pg cluster show orders-prod")
    misspelt = await site.ask(BOB, "/pg cluster show ordrs-prod")

    assert "orders-prod" in text_of(listed)
    assert shown["text"].startswith("orders-prod: AVAILABLE")
    assert "orders-prod" in text_of(misspelt)
    assert "Fill in a form" in text_of(misspelt)


async def test_a_resize_by_form_from_the_field_that_is_wrong_to_the_size_in_force(socket_site):
    site = socket_site
    view = await form(site, BOB, "/pg cluster resize")
    offered = await search(site, BOB, view, "cluster", "orders-st")

    shrunk = await submit(site, BOB, view, cluster="orders-staging", storage="10")
    first = await submit(site, BOB, view, cluster="orders-staging", storage="", cores="6")
    review = await modal(site, BOB, "Cores per instance")
    none_yet = await site.bot.kernel.dispatcher.changes.rows.latest()
    second = await submit(site, BOB, review)
    proposal = await message(site, BOB, "Confirm it")

    assert offered[0] == "orders-staging"
    assert "storage can't shrink" in shrunk["ack"]["errors"]["field:storage"]
    assert first["ok"], first
    assert none_yet == []
    assert second["ok"], second
    assert await modals(site, BOB) == []

    await site.click(BOB, proposal, "Confirm resize")
    await end_changes(site, BOB, "Resize orders-staging: ")
    cluster = next(each for each in site.demo.cloud.everything() if each.name == "orders-staging")
    assert cluster.cores == 6


async def test_a_deletion_by_form_shows_what_is_lost_before_it_is_asked_for(socket_site):
    site = socket_site
    view = await form(site, BOB, "/pg cluster delete")
    await search(site, BOB, view, "cluster", "orders-staging")
    first = await submit(site, BOB, view, cluster="orders-staging", reason="replaced")
    review = await modal(site, BOB, "This can't be undone")
    sent_by_review = site.demo.cloud.calls.count("DELETE", "/clusters/{clusterId}")
    second = await submit(site, BOB, review)
    await message(site, BOB, "Delete orders-staging")
    [record] = await site.bot.kernel.dispatcher.changes.rows.latest()

    assert first["ok"], first
    assert second["ok"], second
    assert sent_by_review == site.demo.cloud.calls.count("DELETE", "/clusters/{clusterId}") == 0
    assert record.is_open
