"""A password from the command to the person who asked: in force, and readable with their key alone."""

import json
import stat
import sys

import pytest
from passing_time import until
from password_site import (
    ALICE,
    BOB,
    decrypt_file,
    password_in_force,
    password_site,
    propose,
    run_change,
    set_key,
    type_line,
    uploaded_files,
    wait_for_end,
)

from bot.changes.record import ChangeState
from bot.demo.cloud.faults import FaultOrder
from bot.demo.workspace.slack_faults import SlackFault as WebFault

pytestmark = pytest.mark.anyio
CREATE = "/pg user create orders-staging app"


async def test_a_new_user_gets_a_password_that_only_the_requester_can_read(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        identity = await set_key(site)
        record = await run_change(site, BOB, CREATE)
        [(name, content)] = (await until(site, lambda: uploaded_files(site))).items()

        assert record.state is ChangeState.DONE, record
        assert name == f"orders-staging-app-{record.id}.age"
        assert decrypt_file(content, identity) == password_in_force(site, "orders-staging", "app") + "\n"
        assert record.plan.order["password"].endswith(str(identity.to_public()))
        await until(site, lambda: [row for row in site.audit() if row["outcome"] == "handed over"])


async def test_a_new_password_takes_the_place_of_the_old(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        identity = await set_key(site)
        before = password_in_force(site, "orders-staging", "orders")
        record = await run_change(site, BOB, "/pg user password orders-staging orders")
        [content] = (await until(site, lambda: uploaded_files(site))).values()

        assert record.state is ChangeState.DONE, record
        assert (
            before
            != password_in_force(site, "orders-staging", "orders")
            == decrypt_file(content, identity).strip()
        )


async def test_without_a_way_to_hand_it_over_nothing_is_planned(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        answer = json.dumps(await site.ask(BOB, CREATE), ensure_ascii=False)

        assert "key set age1" in answer
        assert await site.bot.kernel.dispatcher.changes.rows.latest() == []


async def test_a_key_that_changes_in_between_needs_a_new_decision(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        await set_key(site)
        record = await propose(site, BOB, CREATE)
        await set_key(site)
        await type_line(site, BOB, f"/pg change confirm {record.id}")

        assert (await wait_for_end(site, record)).state is ChangeState.REPLACED
        assert site.demo.cloud.calls.count("POST", "/clusters/{clusterId}/users") == 0


async def test_a_refusal_of_the_cloud_hands_nothing_over(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        await set_key(site)
        site.demo.cloud.faults.add(
            FaultOrder(kind="status", status=422, method="POST", path="/clusters/*/users")
        )
        record = await run_change(site, BOB, CREATE)

        assert record.state is ChangeState.FAILED
        await until(site, lambda: [row for row in site.audit() if row["outcome"] == "not needed"])
        assert uploaded_files(site) == {}


async def test_a_folder_takes_it_where_app_yaml_says_so(tmp_path, monkeypatch):
    folder = tmp_path / "vault"
    folder.mkdir()
    async with password_site(tmp_path, monkeypatch, f"\nhandover: {{file: {folder}}}\n") as site:
        record = await run_change(site, BOB, CREATE)
        [path] = await until(site, lambda: list(folder.glob("orders*")))

        assert path.name == f"orders-staging-app-{record.id}"
        assert path.read_text() == password_in_force(site, "orders-staging", "app") + "\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await until(site, lambda: [row for row in site.audit() if row["outcome"] == "handed over"])
        await until(site, lambda: list((tmp_path / "data" / "handover").iterdir()) == [])
        left = [each.read_bytes() for each in (tmp_path / "data").rglob("*") if each.is_file()]
        assert not any(path.read_bytes().strip() in each for each in left)
        assert uploaded_files(site) == {}


async def test_a_program_that_fails_is_asked_again_and_finds_what_it_is_for(tmp_path, monkeypatch):
    taken, program = tmp_path / "taken", tmp_path / "program.py"
    program.write_text(
        "import os, sys, pathlib\n"
        f"first = pathlib.Path({str(tmp_path / 'first')!r})\n"
        "if not first.exists():\n"
        "    first.touch()\n"
        "    sys.exit(3)\n"
        "about = [os.environ['PGBOT_' + each] for each in ('CHANGE', 'CLUSTER', 'USER', 'REQUESTER')]\n"
        f"pathlib.Path({str(taken)!r}).write_text('|'.join([*about, sys.stdin.read()]))\n"
    )
    more = f"\nhandover: {{command: [{sys.executable}, {program}]}}\n"
    async with password_site(tmp_path, monkeypatch, more) as site:
        record = await run_change(site, BOB, CREATE)
        await until(site, lambda: taken.exists() and taken.read_text())
        password = password_in_force(site, "orders-staging", "app")

        assert taken.read_text() == f"{record.id}|orders-staging|app|{BOB}|{password}\n"
        milestones = await site.bot.kernel.dispatcher.changes.rows.milestones(record.id)
        assert sum("exited with 3" in each.words for each in milestones) == 1
        assert password not in str(milestones)


async def test_a_reference_that_app_yaml_allows_is_taken_and_nothing_handed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("DB_APP_PASSWORD", "From-The-Vault-2026")
    async with password_site(tmp_path, monkeypatch) as site:
        record = await run_change(site, BOB, f"{CREATE} --from env:DB_APP_PASSWORD")

        assert record.state is ChangeState.DONE, record
        assert password_in_force(site, "orders-staging", "app") == "From-The-Vault-2026"
        assert uploaded_files(site) == {}
        answer = json.dumps(
            await site.ask(BOB, "/pg user create orders-staging b --from env:SLACK_BOT_TOKEN")
        )
        assert "This password reference is not allowed" in answer


async def test_whoever_has_no_permission_gets_no_user(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        await set_key(site, ALICE)

        assert "may not run" in json.dumps(await site.ask(ALICE, CREATE))


async def test_a_slack_that_takes_no_file_gets_it_later(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        identity = await set_key(site)
        site.demo.workspace.faults.add(
            WebFault(target="files.getUploadURLExternal", kind="error", code="file_uploads_disabled")
        )
        await run_change(site, BOB, CREATE)
        [content] = (await until(site, lambda: uploaded_files(site))).values()

        assert decrypt_file(content, identity).strip() == password_in_force(site, "orders-staging", "app")


async def test_a_lost_answer_is_looked_for_and_the_password_handed_over(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        identity = await set_key(site)
        site.demo.cloud.faults.add(
            FaultOrder(kind="crash_after_accept", method="POST", path="/clusters/*/users", times=1)
        )
        record = await run_change(site, BOB, CREATE)
        [content] = (await until(site, lambda: uploaded_files(site))).values()

        assert record.state is ChangeState.DONE, record
        assert decrypt_file(content, identity).strip() == password_in_force(site, "orders-staging", "app")
        assert site.demo.cloud.calls.count("POST", "/clusters/{clusterId}/users") == 1


async def test_what_nobody_can_tell_is_kept_until_somebody_says_which(tmp_path, monkeypatch):
    points = []

    def at_point(name):
        if name == "armed" and not points:
            points.append(name)
            raise RuntimeError("as a crash between the record and the request")

    async with password_site(tmp_path, monkeypatch, at_point=at_point) as site:
        await set_key(site)
        record = await propose(site, BOB, "/pg user password orders-staging orders")
        await type_line(site, BOB, f"/pg change confirm {record.id}")
        rows = site.bot.kernel.dispatcher.changes.rows

        async def is_unknown():
            return (await rows.get(record.id)).state is ChangeState.UNKNOWN

        await until(site, is_unknown, seconds=20)
        await type_line(site, BOB, f"/pg change settle {record.id} not-run")

        assert (await wait_for_end(site, record)).state is ChangeState.FAILED
        assert uploaded_files(site) == {}
        assert site.demo.cloud.calls.count("PATCH", "/clusters/{clusterId}/users/{username}") == 0
