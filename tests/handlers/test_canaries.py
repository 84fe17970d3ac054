"""No secret reaches a sink: commands, errors and crash paths are driven, and all that is left is searched."""

import json
from datetime import timedelta

import pytest
from passing_time import until
from password_site import (
    ALICE,
    BOB,
    decrypt_file,
    password_site,
    propose,
    run_change,
    set_key,
    type_line,
    uploaded_files,
)

import handlers
from bot.changes.record import ChangeState
from bot.commands.declaration import Registry
from bot.demo.cloud.faults import FaultOrder
from bot.demo.environment import CREDENTIALS

pytestmark = pytest.mark.anyio

TYPED = "Canary-Typed-4711"
REFERENCED = "Canary-Referenced-4711"
PRIVATE = "AGE-SECRET-KEY-1QQQQCANARYQQQQCANARYQQQQCANARYQQQQCANARYQQQQCANARY"
CREATE = "/pg user create orders-staging"
MISTAKES = (
    f"/pg user create orders-staging app --password {TYPED}",
    f"/pg user create orders-staging app --password={TYPED}",
    f"/pg user create orders-staging app {TYPED}",
    f"/pg user password orders-staging orders “{TYPED} x”",
    f"/pg user password orders-staging orders —password “{TYPED}”",
    f"/pg user password orders-staging orders --from password:{TYPED}",
    f"/pg key set {PRIVATE}",
    f"/pg key set -----BEGIN OPENSSH PRIVATE KEY----- {TYPED} -----END OPENSSH PRIVATE KEY-----",
)


class Points:
    """A failure at one point, as a fault of our own would be, the first time that it is passed."""

    def __init__(self):
        self.at = ""

    def __call__(self, name):
        if name == self.at:
            self.at = ""
            raise RuntimeError(f"broken at {name}")


async def run_every_example(site):
    """Run each command as its help shows it, from Slack, as somebody who may run all of them."""
    for command in Registry.discover(handlers):
        for line in command.examples[:1] or (command.name,):
            await site.slash(BOB, f"/pg {line}")
            await site.idle()
            site.demo.clock.advance(timedelta(seconds=2))


async def every_mistake(site):
    for line in MISTAKES:
        answer = json.dumps(await site.ask(BOB, line), ensure_ascii=False)
        assert "Something went wrong" not in answer


async def run_every_error(site):
    """Set new passwords with requests that end in each possible way."""
    orders = [
        {"kind": kind} for kind in ("crash_after_accept", "malformed", "html", "cut", "accept_and_ignore")
    ]
    orders += [{"kind": "status", "status": status} for status in (400, 409, 422, 503)]
    for order in orders:
        site.demo.cloud.faults.add(FaultOrder(**order, method="PATCH", path="/clusters/*/users/*", times=1))
        await run_to_end(site, "/pg user password orders-staging orders")
        site.demo.cloud.faults.clear()


async def run_to_end(site, line):
    """Request, confirm, and wait until nothing moves any more; settle an unknown outcome."""
    rows = site.bot.kernel.dispatcher.changes.rows
    record = await propose(site, BOB, line)
    await type_line(site, BOB, f"/pg change confirm {record.id}")

    async def rests():
        now = await rows.get(record.id)
        return now.state not in {ChangeState.APPROVED, ChangeState.RUNNING} and now

    now = await until(site, rests, seconds=20)
    if now.state is ChangeState.UNKNOWN:
        await type_line(site, BOB, f"/pg change settle {record.id} not-run")
    return now


def list_passwords(site):
    """Return every password that the cloud has for a user that the bot may have set."""
    return {
        user.password
        for record in site.demo.cloud.everything()
        if record.name == "orders-staging"
        for user in record.users.values()
    }


def collect_sinks(site, tmp_path, printed):
    """Return everything that is left behind, by name: bytes of files, messages to Slack, printed output."""
    found = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    workspace = site.demo.workspace
    messages = [repr(list(channel.messages.values())) for channel in workspace.channels.values()]
    return found | {
        "messages": " ".join(messages).encode(),
        "calls": repr(workspace.calls).encode(),
        "files": b"".join(uploaded_files(site).values()),
        "printed": printed.encode(),
        "requests": " ".join(row["requests"] for row in site.audit()).encode(),
    }


def find_leaks(found, secrets):
    """Return the places of a secret, also with escaped characters or in another case."""
    return [
        (name, content[max(at - 60, 0) : at + 6])
        for name, content in found.items()
        for folded in [content.lower()]
        for secret in secrets
        if (at := folded.find(secret.encode().lower())) >= 0
    ]


async def test_no_sink_has_a_secret(tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.setenv("DB_APP_PASSWORD", REFERENCED)
    points, seen = Points(), set()
    async with password_site(tmp_path, monkeypatch, at_point=points) as site:
        identity = await set_key(site)
        seen |= list_passwords(site)
        await every_mistake(site)
        await run_change(site, BOB, f"{CREATE} app")
        await run_change(site, BOB, f"{CREATE} taken --from env:DB_APP_PASSWORD")
        for point in ("armed", "sent", "sending recorded"):
            points.at = point
            await run_to_end(site, "/pg user password orders-staging app")
            seen |= list_passwords(site)
        await run_every_error(site)
        seen |= list_passwords(site)
        await run_every_example(site)
        await type_line(site, ALICE, f"{CREATE} b --password {TYPED}")
        delivered = [
            decrypt_file(content, identity).strip()
            for content in uploaded_files(site).values()
            if b"BEGIN AGE ENCRYPTED FILE" in content
        ]
        out, err = capfd.readouterr()
        found = collect_sinks(site, tmp_path, out + err + caplog.text)

    secrets = {*seen, *delivered, *CREDENTIALS.values(), TYPED, REFERENCED, PRIVATE}
    assert len(delivered) > 3
    assert set(delivered) & seen
    assert REFERENCED in seen
    assert found["pgbot.db"]
    assert find_leaks(found, secrets) == []
