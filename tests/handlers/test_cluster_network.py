"""`cluster network`: another address or LAN, or none."""

import pytest
from change_requests import BOB, ask, carried_out, cluster
from migration_site import migration_site

pytestmark = pytest.mark.anyio


async def test_another_address_on_v1(terminal):
    record = await ask(terminal, "cluster network orders-staging --address 192.168.31.7/24", BOB)

    assert record.plan.order["connection"]["address"] == "192.168.31.7/24"
    assert await carried_out(terminal, record) == []


async def test_off_its_network_on_v1(terminal):
    record = await ask(terminal, "cluster network shop-staging --detach", BOB)

    assert record.plan.warnings[0].startswith("The database will be unreachable")
    assert await carried_out(terminal, record) == []
    assert cluster(terminal, "shop-staging").network is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster network orders-staging", "This needs either a new network or --detach."),
        ("cluster network orders-staging --detach --lan 2", "This needs either a new network"),
        ("cluster network orders-staging --address 192.168.31.7", "prefix length"),
        ("cluster network payments-prod --detach", "does not support detaching"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_the_effect_on_the_move_to_v2_is_said_and_stored_with_the_plan(terminal):
    record = await ask(terminal, "cluster network orders-prod --address 10.209.1.5/24", BOB)
    shown = await terminal.run(f"change show {record.id}", BOB)

    [warning] = [each for each in record.plan.warnings if "v2" in each]
    assert warning == (
        "This blocks the cluster's move to v2: The primary's address is inside 10.208.0.0/12, which v2 "
        "forbids (PGR006)."
    )
    assert any(getattr(part, "text", "") == warning for part in shown.parts)
    assert record.digest == record.plan.model_copy(update={"warnings": (), "notes": ()}).digest()


async def test_a_change_on_v2_has_no_effect_on_the_move(terminal):
    record = await ask(terminal, "cluster pooler payments-prod session", BOB)

    assert not any("PGR" in each for each in (*record.plan.warnings, *record.plan.notes))


async def test_a_rule_file_that_cannot_be_used_stops_no_change(tmp_path, monkeypatch):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "pgx900_broken.py").write_text("rule = 1\n", encoding="utf-8")
    async with migration_site(tmp_path, monkeypatch, f"\nmigration: {{rules: {folder}}}\n") as terminal:
        record = await ask(terminal, "cluster resize orders-prod --ram 16", BOB)

    assert any(
        each.startswith("The effect on the migration to v2 is unknown: ") for each in record.plan.notes
    )
