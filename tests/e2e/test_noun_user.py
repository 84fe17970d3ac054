"""Database users from Slack, through HTTP: listed, made by form, deleted by form; no password in sight."""

import pytest
from form_kit import form, message, modal, modals, search, submit, text_of
from passing_time import until
from password_site import (
    ALICE,
    BOB,
    confirm_only_change,
    decrypt_file,
    password_in_force,
    set_key,
    uploaded_files,
)

pytestmark = pytest.mark.anyio


async def test_listed_shown_and_on_v2_the_sql(http_site):
    listed = await http_site.ask(BOB, "/pg user list orders-prod --system")
    shown = await http_site.ask(BOB, "/pg user show orders-prod orders")
    on_v2 = await http_site.ask(BOB, "/pg user list payments-prod")

    assert "postgres" in text_of(listed)
    assert shown["text"].startswith("orders in orders-prod")
    assert "pg_roles" in text_of(on_v2)


async def test_made_by_form_and_its_password_handed_over(http_site):
    site = http_site
    identity = await set_key(site)
    view = await form(site, BOB, "/pg user create orders-staging")
    taken = await submit(site, BOB, view, user="orders")
    first = await submit(site, BOB, view, user="app")
    review = await modal(site, BOB, "encrypted to the key")
    await submit(site, BOB, review)
    await message(site, BOB, "Create user app")
    done = await confirm_only_change(site, BOB)
    [content] = (await until(site, lambda: uploaded_files(site))).values()
    password = password_in_force(site, "orders-staging", "app")
    seen = [each for user in (ALICE, BOB) for each in await site.seen(user)]

    assert "already has a user called orders" in taken["ack"]["errors"]["field:user"]
    assert first["ok"], first
    assert done.state == "done"
    assert decrypt_file(content, identity).strip() == password
    assert password not in text_of([*seen, site.audit()])


async def test_deleted_by_form_after_a_look_at_what_it_owns(http_site):
    site = http_site
    view = await form(site, BOB, "/pg user delete orders-staging")
    offered = await search(site, BOB, view, "user", "orders-q")
    first = await submit(site, BOB, view, user="Orders-QA")
    await modal(site, BOB, "Clients that connect as Orders-QA will lose access")
    review = (await modals(site, BOB))[-1]
    await submit(site, BOB, review)
    await message(site, BOB, "Delete user Orders-QA")

    assert offered == ["Orders-QA"]
    assert first["ok"], first
    assert site.demo.cloud.calls.count("DELETE", "/clusters/{clusterId}/users/{username}") == 0
