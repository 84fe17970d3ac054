"""A secret that somebody types by mistake reaches neither the audit log nor its file, cut or whole."""

import pytest
from terminal_site import terminal_site

from bot.demo.environment import CREDENTIALS

pytestmark = pytest.mark.anyio

JWT = "eyJ0eXAiOiJKV1QiLCJraWQiOiJhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3gifQ.eyJpc3MiOiJpb25vcyJ9.c2lnbmF0"
LONG_JWT = JWT.replace("ifQ", "a" * 200 + "ifQ")
OURS = CREDENTIALS["DEMO_TOKEN_SHOP"]
LINES = (
    "cluster list a {}",
    "cluster list --{}",
    "cluster list --sort {}",
    "cluster list --state {}",
    "cluster show {}",
    "backup show {}",
    "backup list --stale {}",
    "help {}",
    "{}",
    "cluster list --share={}",
)


@pytest.mark.parametrize("secret", [JWT, LONG_JWT, OURS], ids=["token", "long token", "our own"])
async def test_a_secret_in_the_wrong_place_is_not_in_the_audit(tmp_path, monkeypatch, secret):
    async with terminal_site(tmp_path, monkeypatch, clusters=3) as terminal:
        for line in LINES:
            await terminal.run(line.format(secret))
        rows = await terminal.audit()

    assert len(rows) >= len(LINES)
    assert [row for row in rows if secret[:14].casefold() in str(row).casefold()] == []


async def test_the_value_of_a_secret_flag_is_not_in_the_audit(tmp_path, monkeypatch):
    flags = ("--password canary-9", "--password=canary-9", "--token 'canary-9 x'", "—secret “canary-9 x”")
    async with terminal_site(tmp_path, monkeypatch, clusters=3) as terminal:
        for flag in flags:
            await terminal.run(f"cluster list {flag}")
        rows = await terminal.audit()

    assert "canary-9" not in str(rows)
    assert ["[hidden]" in row["text"] for row in rows] == [True] * len(flags)
