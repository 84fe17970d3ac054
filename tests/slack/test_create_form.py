"""The guided form of a new cluster: questions, a similar cluster's settings, and a password by reference."""

import pytest
from bot_site import bot_site
from form_kit import act, choose, form, lines, modal, search, submit, text_of
from one_contract import SETTINGS

pytestmark = pytest.mark.anyio
BOB = "U0BOB"
DATA, USER, SETTING = "choice:0", "choice:1", "choice:2"
"""The questions of the form."""
REASON = '{changes: ["cluster create"], clusters: [{name: "books-*"}], need: confirm, reason: true}'
"""An approval rule of the site."""


@pytest.fixture
async def site(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    allowed = f'password_references: ["env:DB_NEXT", "file:{tmp_path}/new-*"]'
    demo = SETTINGS.read_text(encoding="utf-8")
    demo = demo.replace("  rules:\n", f"  rules:\n    - {REASON}\n", 1)
    settings.write_text(demo.replace('password_references: ["env:DB_*"]', allowed), encoding="utf-8")
    for name in ("new-one", "other"):
        (tmp_path / name).write_text("canary-Passw0rd!")
    monkeypatch.setenv("DB_NEXT", "canary-Passw0rd!")
    async with bot_site(tmp_path, monkeypatch, mode="http", settings=settings) as site:
        yield site


def fields_of(view):
    """Return the blocks of the fields by name, whatever was suggested for them."""
    blocks = [each for each in view["blocks"] if each["block_id"].startswith("field:")]
    return {each["block_id"].split(":")[1]: each for each in blocks}


def held(view, name):
    """Return the value that a field of the view holds."""
    block = fields_of(view)[name]
    element = block["element"]
    state = view["state"]["values"].get(block["block_id"], {}).get(element["action_id"], {})
    known = (
        state.get("value"),
        state.get("selected_option"),
        *map(element.get, ("initial_value", "initial_option")),
    )
    value = next(filter(None, known), None)
    return value["value"] if isinstance(value, dict) else value


async def choose_like(site, view, name):
    await search(site, BOB, view, "like", name)
    return await choose(site, BOB, view, "field:like", name)


async def test_it_asks_for_little_and_shows_the_rest_on_request(site):
    view = await form(site, BOB, "/pg cluster create")
    chosen = await choose(site, BOB, view, SETTING, "1")
    backup = await choose(site, BOB, chosen, DATA, "1")

    assert list(fields_of(view)) == ["name", "like", "reason"]
    assert {"cores", "ram", "datacenter", "day", "metrics"} <= fields_of(chosen).keys()
    headings = [each["text"]["text"] for each in chosen["blocks"] if each["type"] == "header"]
    assert headings[:3] == ["Location", "Size", "Network"]
    assert fields_of(backup)["from_backup"]["optional"] is False
    assert fields_of(backup)["to"]["optional"] is True


async def test_the_settings_of_a_similar_cluster_are_filled_in(site):
    view = await form(site, BOB, "/pg cluster create ledger-next --form")
    view = await choose(site, BOB, view, SETTING, "1")
    empty = [held(view, name) for name in ("cores", "ram", "version", "region")]
    like = await choose_like(site, view, "payments-prod")
    record = next(each for each in site.demo.cloud.everything() if each.name == "payments-prod")
    cores = fields_of(like)["cores"]
    await act(
        site, "click", user=BOB, view_id=view["id"], block_id=cores["block_id"], action_id="value", value="7"
    )
    other = await choose_like(site, like, "orders-prod")
    orders = next(each for each in site.demo.cloud.everything() if each.name == "orders-prod")

    assert empty == [None] * 4
    assert held(like, "cores") == str(record.cores)
    assert held(like, "ram") == str(record.ram_mb // 1024)
    assert held(like, "region") == record.location
    assert held(other, "cores") == "7"
    assert held(other, "region") == orders.location
    assert held(other, "api") == "v1"


async def test_a_reason_is_required_where_the_policy_demands_it_of_the_new_name(site):
    typed = await form(site, BOB, "/pg cluster create books-next --form")
    view = await form(site, BOB, "/pg cluster create")
    named = await choose(site, BOB, view, "field:name", "books-prod")
    renamed = await choose(site, BOB, named, "field:name", "ledger-next")

    needed = [not fields_of(each)["reason"]["optional"] for each in (typed, view, named, renamed)]
    assert needed == [True, False, True, False]


async def test_a_password_is_named_by_a_reference_that_app_yaml_allows(site, tmp_path):
    view = await form(site, BOB, "/pg cluster create ledger-next --like payments-prod --form")
    view = await choose(site, BOB, view, USER, "1")
    offered = await search(site, BOB, view, "password_from", "")
    outcome = await submit(site, BOB, view, user="app", password_from="env:DB_NEXT")
    review = await modal(site, BOB, "Primary user")
    await submit(site, BOB, review)
    await site.idle()

    assert offered == ["env:DB_NEXT", f"file:{tmp_path}/new-one"]
    assert outcome["ok"], outcome
    assert "app, database app" in text_of(review)
    assert "Passw0rd" not in text_of(review)
    line = "cluster create ledger-next --like payments-prod --password-from env:DB_NEXT --user app"
    assert sorted(lines(site)[-1][0].split()) == sorted(line.split())


async def test_what_is_wrong_stands_beside_its_field_in_words_of_the_form(site):
    view = await form(site, BOB, "/pg cluster create payments-prod-2 --like payments-prod --form")
    view = await choose(site, BOB, view, USER, "1")
    await search(site, BOB, view, "password_from", "")
    outcome = await submit(site, BOB, view, user="app", password_from="env:DB_NEXT")

    assert list(outcome["ack"]["errors"]) == ["field:user"]
    (words,) = outcome["ack"]["errors"].values()
    assert "“Name of the primary user”" in words
    assert "--" not in words
