"""`cluster resize`: sizes on both APIs, values that grow, and those that never shrink."""

import pytest
from change_requests import BOB, ask, carried_out, cluster, effects

pytestmark = pytest.mark.anyio


async def test_on_v1_the_sizes_are_changed_and_read_back(terminal):
    record = await ask(terminal, "cluster resize orders-prod --cores 8 --ram 16", BOB)

    assert effects(record)["Cores per instance"] == ("4", "8")
    assert effects(record)["RAM per instance"] == ("8 GB", "16 GB")
    assert record.plan.ending.expected == {"cores": 8, "ram_mb": 16384}
    assert any("8 cores → 16 cores" in note for note in record.plan.notes)
    assert await carried_out(terminal, record) == []
    assert terminal.cloud.calls.count("PATCH", "/clusters/{clusterId}") == 1


@pytest.mark.parametrize("size", ["16", "16GB", "16384MB"])
async def test_a_size_may_have_its_unit(terminal, size):
    record = await ask(terminal, f"cluster resize orders-prod --ram {size}", BOB)

    assert record.plan.ending.expected == {"ram_mb": 16384}


async def test_on_v2_the_rest_goes_back_as_it_was(terminal):
    before = cluster(terminal, "payments-prod")
    storage = before.storage_mb // 1024 + 50
    record = await ask(terminal, f"cluster resize payments-prod --storage {storage}", BOB)

    assert record.plan.warnings[-1].startswith("It sets the password of the primary user payments")
    assert await carried_out(terminal, record) == []
    assert terminal.cloud.calls.count("PUT", "/clusters/{clusterId}") == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster resize orders-prod", "No new size was given."),
        ("cluster resize orders-prod --storage 50", "storage can't shrink"),
        ("cluster resize orders-prod --cores 4", "nothing to change"),
        ("cluster resize orders-prod --instances 9", "instances"),
        ("cluster resize orders-prod --ram 1", "RAM"),
        ("cluster resize orders-prod --ram 1500MB", "it must be a whole number of GB"),
        (
            "cluster resize catalogue-prod --cores 8",
            "sends the primary user's password, and app.yaml has none",
        ),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_growth_that_cannot_be_undone_is_said_with_numbers(terminal):
    record = await ask(terminal, "cluster resize orders-prod --storage 1 TB", BOB)

    assert "Storage can't be reduced again: 100 GB → 1024 GB per instance." in record.plan.warnings
    assert await ask_size(terminal, "cluster resize orders-prod --cores 8") == []


async def ask_size(terminal, line):
    plan = (await ask(terminal, line, BOB)).plan
    return [warning for warning in plan.warnings if "Storage" in warning]


async def test_a_size_meant_in_megabytes_is_asked_about_with_the_right_line(terminal):
    reply = await terminal.run("cluster resize orders-prod --ram 8192 --reason growth", BOB)

    assert not reply.ok
    note, choices = reply.parts
    assert note.text == "Did you mean 8 GB (8192 MB)?"
    assert [each.command for each in choices.choices] == [
        "cluster resize orders-prod --reason growth --ram 8GB"
    ]
