"""The primary user of a new cluster by reference: who may name what, and what later changes send."""

import pytest
from change_requests import BOB, ask, carried_out, cluster, effects
from one_contract import SETTINGS
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio
NEXT = "cluster create ledger-next --like payments-prod --user app --password-from"
SECRET = "canary-Passw0rd-of-the-new-one!"
VARIABLES = {"DB_NEXT": SECRET, "DB_SHORT": "short", "OTHER_SECRET": "not to be read", "DB_EMPTY": ""}


@pytest.fixture
async def site(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    allowed = f'password_references: ["env:DB_*", "file:{tmp_path}/new-*"]'
    demo = SETTINGS.read_text(encoding="utf-8")
    settings.write_text(demo.replace('password_references: ["env:DB_*"]', allowed), encoding="utf-8")
    (tmp_path / "new-secret").write_text(f"{SECRET}\n")
    (tmp_path / "other").write_text("not to be read")
    async with terminal_site(tmp_path, monkeypatch, settings=settings, environment=VARIABLES) as site:
        yield site


@pytest.mark.parametrize("kind", ["env", "file"])
async def test_the_password_is_taken_from_where_the_reference_points(site, tmp_path, kind):
    reference = "env:DB_NEXT" if kind == "env" else f"file:{tmp_path}/new-secret"
    record = await ask(site, f"{NEXT} {reference}", BOB)

    assert effects(record)["Primary user"] == ("", "app, database app")
    assert record.plan.arguments["password_from"] == reference
    assert SECRET not in record.plan.model_dump_json()
    assert await carried_out(site, record) == []
    made = cluster(site, "ledger-next").credentials
    assert (made.username, made.password, made.database) == ("app", SECRET, "app")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("env:OTHER_SECRET", "This password reference is not allowed"),
        ("env:SLACK_BOT_TOKEN", "This password reference is not allowed"),
        ("file:/etc/passwd", "This password reference is not allowed"),
        ("file:{folder}/other", "This password reference is not allowed"),
        ("file:{folder}/new-secret/../other", "This password reference is not allowed"),
        ("file:{folder}/new-x/../../etc/passwd", "This password reference is not allowed"),
        ("hunter2", "This password reference is not allowed"),
        ("env:DB_MISSING", "The environment variable DB_MISSING is not set"),
        ("env:DB_EMPTY", "The secret env:DB_EMPTY is empty"),
        ("env:DB_SHORT", "password"),
        ("file:{folder}/new-none", "No such file"),
    ],
)
async def test_only_a_reference_that_app_yaml_allows_is_read(site, tmp_path, given, says):
    reply = await site.run(f"{NEXT} {given.format(folder=tmp_path)}", BOB)
    told = str(reply)

    assert not reply.ok
    assert says in reply.title
    assert all(value not in told for value in VARIABLES.values() if value)
    assert await site.kernel.dispatcher.changes.rows.latest() == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "cluster create ledger-next --like payments-prod",
            "app.yaml has none for one called ledger-next",
        ),
        ("cluster create ledger-next --like payments-prod --user app", "needs a name and a password"),
        (
            f"{NEXT} env:DB_NEXT".replace("ledger-next", "payments-prod-2"),
            "primary user of a cluster called",
        ),
    ],
)
async def test_the_user_is_named_whole_and_only_where_app_yaml_has_none(site, line, says):
    reply = await site.run(line, BOB)

    assert not reply.ok
    assert says in reply.title


async def test_later_changes_send_the_password_that_the_cluster_was_made_with(site, monkeypatch):
    async with hurry(site):
        runner = WorkflowRunner(site)
        record = await runner.start(f"{NEXT} env:DB_NEXT")
        await runner.run(record)
        assert (await site.kernel.dispatcher.changes.rows.get(record.id)).state is ChangeState.DONE
    monkeypatch.setenv("DB_NEXT", "another-Passw0rd-later!")
    record = await ask(site, "cluster resize ledger-next --cores 7", BOB)

    assert "primary user app" in record.plan.warnings[-1]
    assert await carried_out(site, record) == []
    assert cluster(site, "ledger-next").credentials.password == "another-Passw0rd-later!"


async def test_what_is_no_longer_allowed_when_it_runs_is_not_read(site):
    record = await ask(site, f"{NEXT} env:DB_NEXT", BOB)
    handover = site.kernel.dispatcher.handover
    object.__setattr__(handover, "settings", handover.settings.model_copy(update={"password_references": ()}))
    with pytest.raises(Exception, match="This password reference is not allowed"):
        await carried_out(site, record)

    assert site.cloud.calls.count("POST", "/clusters") == 0
