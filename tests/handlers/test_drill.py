"""`drill`: the planned cluster with its place and source; and refusals with the next step."""

from dataclasses import replace

import pytest
from change_requests import ALICE, BOB, VERA, ask

from bot.domain.approval_requirement import RequirementKind

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["orders-prod", "payments-prod"])
async def test_the_plan_names_all_that_is_made(terminal, name):
    plan = (await ask(terminal, f"drill {name}", BOB)).plan
    source = terminal.record(name)

    assert plan.target.id == source.id
    assert plan.throwaway.model_dump() == {
        **plan.target.model_dump(),
        "id": "",
        "name": plan.arguments["name"],
    }
    assert (plan.order["cores"], plan.order["ram_mb"], plan.order["storage_mb"]) == (
        source.cores,
        source.ram_mb,
        source.storage_mb,
    )
    said = {each.what: each.after for each in plan.effects}
    assert said[name] == "not touched"
    assert said["New cluster"] == f"{plan.throwaway.name}, deleted at the end"
    assert said["Size"].startswith(f"1 instance with {source.cores} cores")
    assert any("quota" in note and "is unknown" in note for note in plan.notes)


async def test_planned_again_with_its_own_arguments_it_is_the_same(terminal):
    first = await ask(terminal, "drill orders-prod", BOB)
    flags = " ".join(f"--{name} {value}" for name, value in first.plan.arguments.items() if name != "cluster")
    second = await ask(terminal, f"drill {first.plan.target.id} {flags}", BOB)

    assert second.id != first.id
    assert second.digest == first.digest


async def test_two_drills_never_have_the_same_name(terminal):
    names = {(await ask(terminal, "drill orders-prod", BOB)).plan.throwaway.name for _ in range(5)}

    assert len(names) == 5


async def test_the_proposed_address_is_in_the_lan_and_no_other_clusters(terminal):
    source = terminal.record("orders-prod")
    lan = source.network.address.rpartition(".")[0]
    source.network = replace(source.network, address=f"{lan}.4/24")
    terminal.record("orders-staging").network = replace(source.network, address=f"{lan}.3/24")
    plan = (await ask(terminal, "drill orders-prod", BOB)).plan

    assert plan.order["address"] == f"{lan}.5/24"
    assert "another machine in the LAN may" in plan.warnings[0]


async def test_the_same_address_in_another_network_is_another_machines(terminal):
    source, other = terminal.record("orders-prod"), terminal.record("orders-staging")
    lan = source.network.address.rpartition(".")[0]
    other.network = replace(source.network, lan_id="99", address=f"{lan}.9/24")
    plan = (await ask(terminal, f"drill orders-prod --address {lan}.9", BOB)).plan
    assert plan.order["address"] == f"{lan}.9/24"

    other.network = replace(source.network, address=f"{lan}.9/24")
    reply = await terminal.run(f"drill orders-prod --address {lan}.9", BOB)
    assert reply.title == f"{lan}.9 belongs to another cluster."


@pytest.mark.parametrize(("network", "ends"), [("192.168.31.4/24", (0, 255)), ("192.168.31.4/29", (0, 7))])
async def test_neither_end_of_the_network_is_an_address(terminal, network, ends):
    source = terminal.record("orders-prod")
    source.network = replace(source.network, address=network)

    for end in ends:
        reply = await terminal.run(f"drill orders-prod --address 192.168.31.{end}", BOB)
        assert "not its first or last one" in reply.title


async def test_where_no_address_can_be_proposed_one_is_asked_for(terminal):
    source = terminal.record("orders-prod")
    source.network = replace(source.network, address="192.168.31.2/30")
    reply = await terminal.run("drill orders-prod", BOB)

    assert reply.title == "The bot found no free address in that network."
    assert "--address" in reply.parts[0].text


async def test_a_backup_is_named_by_the_beginning_of_its_id_as_everywhere(terminal):
    (backup,) = terminal.record("orders-prod").backups
    lines = (
        "drill orders-prod --backup {}",
        "restore orders-prod --backup {} --reason x",
        "cluster create orders-prod-restored --like orders-prod --from-backup {}",
    )
    beginning = backup.v1_id[: len(backup.v1_id) - 3].upper()

    plans = [(await ask(terminal, line.format(beginning), BOB)).plan for line in lines]

    assert all(backup.v1_id in str(plan.order) for plan in plans)


async def test_a_beginning_of_two_ids_is_no_backup_to_drill(terminal):
    found = terminal.record("orders-prod")
    terminal.cloud.new_backup(found, terminal.kernel.clock.now())

    reply = await terminal.run(f"drill orders-prod --backup {found.id}", BOB)

    assert "matches 2 backups" in reply.title


async def test_a_given_address_is_taken_and_not_warned_of(terminal):
    lan = terminal.record("orders-prod").network.address.rpartition(".")[0]
    plan = (await ask(terminal, f"drill orders-prod --address {lan}.200", BOB)).plan

    assert plan.order["address"] == f"{lan}.200/24"
    assert plan.warnings == ()


async def test_policy_is_asked_about_the_cluster_that_is_drilled(terminal):
    kept = await ask(terminal, "drill orders-prod", BOB)

    assert (kept.need.kind, kept.need.rule) == (RequirementKind.CONFIRM, "approval rule 3")


@pytest.mark.parametrize(
    ("line", "title", "step"),
    [
        ("drill nowhere", "no cluster", ""),
        ("drill orders-prod --backup nonsense", "is not a backup of orders-prod", "backup list orders-prod"),
        ("drill orders-prod --name payments-prod", "name of a drill's cluster", "Leave --name out"),
        ("drill orders-prod --address 8.8.8.8/24", "The address must be in", ""),
        ("drill orders-prod --address nonsense", "The address must be in", ""),
    ],
)
async def test_what_cannot_be_is_one_sentence(terminal, line, title, step):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert title in reply.title
    assert step in "".join(part.text for part in reply.parts)
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_an_address_that_a_cluster_has_is_refused(terminal):
    source = terminal.record("orders-prod")

    reply = await terminal.run(f"drill orders-prod --address {source.network.address}", BOB)
    assert "belongs to another cluster" in reply.title


async def test_a_cluster_without_backup_or_network_cannot_be_drilled(terminal):
    source = terminal.record("orders-prod")
    network, source.network = source.network, None
    reply = await terminal.run("drill orders-prod", BOB)
    assert "is not attached to a network" in reply.title

    source.network = network
    source.backups.clear()
    reply = await terminal.run("drill orders-prod", BOB)
    assert "no backup that can be restored" in reply.title


@pytest.mark.parametrize(
    ("alter", "says"),
    [
        ({"ram_mb": 2048}, "RAM per instance is a whole number of GB, 4 or more (v1)."),
        (
            {"network": "10.233.70.4/24"},
            "The primary's address must not be inside 10.233.64.0/18: the platform uses that range.",
        ),
    ],
)
async def test_what_the_api_would_refuse_is_refused_before_anything_is_kept(terminal, alter, says):
    source = terminal.record("orders-prod")
    for name, value in alter.items():
        setattr(source, name, replace(source.network, address=value) if name == "network" else value)
    reply = await terminal.run("drill orders-prod", BOB)

    assert reply.title == f"The v1 API can't create a second cluster like orders-prod: {says}"
    assert reply.parts
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_it_rests_on_what_it_takes_over_and_not_on_what_it_leaves_alone(terminal):
    first = await ask(terminal, "drill orders-prod", BOB)
    flags = " ".join(f"--{name} {value}" for name, value in first.plan.arguments.items() if name != "cluster")
    line, source = f"drill {first.plan.target.id} {flags}", terminal.record("orders-prod")

    source.modified_at, source.pooler_enabled = terminal.kernel.clock.now(), True
    assert (await ask(terminal, line, BOB)).digest == first.digest
    source.cores += 1
    assert (await ask(terminal, line, BOB)).digest != first.digest


@pytest.mark.parametrize("person", [ALICE, VERA])
async def test_who_may_not_drill_is_told_so(terminal, person):
    reply = await terminal.run("drill orders-prod", person)

    assert "You may not run “drill”" in reply.title
