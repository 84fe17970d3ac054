"""Programs that app.yaml names get the few variables that they need, and none of the bot's secrets."""

import json
import os
import stat
import sys

import pytest
from bot_site import bot_site
from hypothesis import given
from hypothesis import strategies as st
from passing_time import until
from password_site import BOB, run_change, settings_with

from bot.demo.environment import CREDENTIALS
from bot.domain.errors import ConfigError
from bot.settings.child_process import PASSED_ON, Program
from bot.settings.model import load_settings

KEY = "canary-audit-key-" + "k" * 30
OURS = {"AUDIT_KEY": KEY, "PGBOT_AUDIT__EVERY": "1h", "PGPASSWORD": "canary-password"}
NAMED = {"VAULT_ADDR": "https://vault.example.com", "NOT_NAMED": "canary-not-named"}


def recorder(folder, name, prints=""):
    """Write a program that adds a line with its environment and arguments to a file."""
    path = folder / f"{name}.py"
    path.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        f"with open({str(folder / f'{name}.seen')!r}, 'a') as file:\n"
        "    file.write(json.dumps([dict(os.environ), sys.argv]) + '\\n')\n"
        f"print({prints!r})\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def seen(folder, name):
    path = folder / f"{name}.seen"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def settings_of(folder):
    programs = {name: recorder(folder, name) for name in ("sink", "anchor")}
    token = recorder(folder, "token", prints="xoxb-demo")
    return settings_with(
        folder,
        f"\nslack: {{bot_token: {{command: [{token}], env: [VAULT_ADDR]}}}}"
        f"\naudit: {{key: 'env:AUDIT_KEY', anchors: {{command: [{programs['anchor']}], env: [VAULT_ADDR]}}}}"
        f"\nhandover: {{command: [{programs['sink']}], env: [VAULT_ADDR]}}\n",
    )


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_no_program_gets_a_token_or_the_audit_key(tmp_path, monkeypatch, mode):
    for name, value in (OURS | NAMED).items():
        monkeypatch.setenv(name, value)
    async with bot_site(
        tmp_path, monkeypatch, mode=mode, settings=settings_of(tmp_path), clusters=12
    ) as site:
        record = await run_change(site, BOB, "/pg user create orders-staging app")
        await until(site, lambda: seen(tmp_path, "sink") and seen(tmp_path, "anchor"))

    for name in ("token", "anchor", "sink"):
        for environment, arguments in seen(tmp_path, name):
            text = json.dumps([environment, arguments])
            assert [value for value in (*CREDENTIALS.values(), KEY, "canary") if value in text] == [], name
            assert environment["VAULT_ADDR"] == NAMED["VAULT_ADDR"]
            own = {each for each in environment if each.startswith("PGBOT_")}
            assert environment.keys() - own - {"LC_CTYPE"} <= {*PASSED_ON, "VAULT_ADDR"}
            assert own == ({f"PGBOT_{each}" for each in SINK_GETS} if name == "sink" else set())
    assert seen(tmp_path, "sink")[-1][0]["PGBOT_CHANGE"] == record.id


SINK_GETS = ("CHANGE", "CLUSTER", "CLUSTER_ID", "USER", "REQUESTER")

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True)


@given(
    there=st.dictionaries(NAMES, st.text(st.characters(codec="ascii", exclude_characters="\0"))),
    chosen=st.sets(NAMES),
)
def test_whatever_is_in_the_environment_only_what_is_named_is_passed_on(there, chosen):
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in there.items():
            patch.setenv(name, value)
        passed = Program(command=("x",), env=tuple(chosen)).environment()

    assert passed == {name: value for name, value in there.items() if name in {*PASSED_ON, *chosen}}


@pytest.mark.parametrize(
    ("section", "secret"),
    [
        ("handover: {command: [x], env: [SLACK_BOT_TOKEN]}", "SLACK_BOT_TOKEN"),
        ("audit: {key: 'env:K', anchors: {command: [x], env: [OTHER, K]}}", "K"),
        ("slack: {bot_token: {command: [x], env: [SLACK_APP_TOKEN]}}", "SLACK_APP_TOKEN"),
        (
            "ionos: {contracts: [{name: a, token: 'env:T'}, {name: b, token: {command: [x], env: [T]}}]}",
            "T",
        ),
        (
            "handover: {command: [x], env: [NEW_APP]}\npassword_references: ['env:NEW_*']",
            "NEW_APP",
        ),
    ],
)
def test_a_variable_with_a_secret_of_the_bot_cannot_be_named(tmp_path, section, secret):
    path = tmp_path / "app.yaml"
    path.write_text(section)

    with pytest.raises(ConfigError, match=f"env passes {secret} to a program"):
        load_settings(path, environment={})
