"""A cluster's name in another case or encoding: the same rules, and it can be typed, from Slack both ways."""

from unicodedata import normalize

import pytest
from password_site import propose, type_line, wait_for_end
from rules_site import ALICE, BOB, change_now, find_cluster, requests_to, rules_document, rules_site

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio

DATA = {"changes": ["cluster delete"], "clusters": [{"name": "*prod*"}], "roles": {"dba": 1}}
OTHERS = {"changes": ["*"], "need": "confirm"}
SPELLINGS = (
    *("Orders-Prod", "ORDERS-PROD"),
    *("orders-p\u200brod", "orders-\N{FULLWIDTH LATIN SMALL LETTER P}rod"),
)


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_rule_for_prod_covers_it_however_it_is_spelled(tmp_path, monkeypatch, mode):
    async with rules_site(tmp_path, monkeypatch, rules_document(DATA, OTHERS), mode=mode) as site:
        for cluster, name in zip(spare_clusters(site), SPELLINGS, strict=True):
            cluster.name = name
            await is_covered(site, cluster)


def spare_clusters(site):
    """Return clusters at rest whose names, also those that they had, no rule for prod covers."""
    names = ("orders-prod", "payments-prod", "billing-prod", "orders-staging")
    found = [find_cluster(site, each) for each in names]
    for number, each in enumerate(found):
        each.name = f"spare-{number}"
    return found


async def is_covered(site, prod):
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    await type_line(site, ALICE, f"/pg change confirm {record.id} --name orders-prod")
    alone, sent = await change_now(site, record), requests_to(site, prod)
    await type_line(site, BOB, f"/pg change approve {record.id}")
    ended = await wait_for_end(site, record)

    assert record.plan.target.id == prod.id
    assert (record.need.words(), record.need.rule) == ("1 DBA approval", "approval rule 1"), prod.name
    assert (alone.state, sent) == (ChangeState.PROPOSED, [])
    assert (ended.state, requests_to(site, prod)) == (ChangeState.DONE, ["DELETE"])


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_name_is_confirmed_in_whichever_form_it_is_typed(tmp_path, monkeypatch, mode):
    async with rules_site(tmp_path, monkeypatch, rules_document(OTHERS), mode=mode) as site:
        forms = [("NFD", "NFC"), ("NFC", "NFD")]
        for cluster, (shown, typed) in zip(spare_clusters(site)[:2], forms, strict=True):
            await is_confirmed(site, cluster, shown, typed)


async def is_confirmed(site, cluster, shown, typed):
    cluster.name = normalize(shown, "Größe-é")
    record = await propose(site, ALICE, f"/pg cluster delete {normalize(typed, 'größe-é')}")
    await type_line(site, ALICE, f"/pg change confirm {record.id} --name grosse")
    wrong = await change_now(site, record)
    await type_line(site, ALICE, f"/pg change confirm {record.id} --name {normalize(typed, 'Größe-é')}")
    ended = await wait_for_end(site, record)

    assert wrong.state is ChangeState.PROPOSED
    assert (ended.state, requests_to(site, cluster)) == (ChangeState.DONE, ["DELETE"])


async def test_without_a_rule_for_it_what_loses_data_needs_all_that_its_rules_ask_for(tmp_path, monkeypatch):
    async with rules_site(tmp_path, monkeypatch, rules_document(DATA)) as site:
        staging = find_cluster(site, "orders-staging")
        record = await propose(site, ALICE, "/pg cluster delete orders-staging")
        await type_line(site, ALICE, f"/pg change confirm {record.id} --name orders-staging")
        alone = await change_now(site, record)
        sent = requests_to(site, staging)
        resized = await propose(site, ALICE, "/pg cluster resize orders-staging --cores 6")

    assert record.need.rule == "approval rule 1, since no rule covers the cluster"
    assert (alone.state, sent) == (ChangeState.PROPOSED, [])
    assert resized.need.words() == "a confirmation"
