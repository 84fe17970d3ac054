"""A change on v2 sets exactly the password that the reference in app.yaml holds, blanks included."""

import pytest
from password_site import run_change
from rules_site import ALICE, find_cluster, rules_document, rules_site

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio

SECRET = "\t Canary-Passw0rd! "


@pytest.mark.parametrize(
    ("kind", "end"), [("env", ""), ("file", "\n"), ("file", "\r\n"), ("file", ""), ("command", "\n")]
)
async def test_a_resize_sets_the_password_that_the_reference_holds(tmp_path, monkeypatch, kind, end):
    (tmp_path / "secret").write_bytes(f"{SECRET}{end}".encode())
    references = {
        "env": "env:EXACT_PASSWORD",
        "file": f"file:{tmp_path / 'secret'}",
        "command": {"command": ["/bin/cat", str(tmp_path / "secret")]},
    }
    credentials = {"username": "payments", "password": references[kind], "database": "payments"}
    document = rules_document(
        {"changes": ["*"], "need": "confirm"},
        clusters=[{"match": {"name": "payments-prod"}, "credentials": credentials}],
    )
    monkeypatch.setenv("EXACT_PASSWORD", SECRET)
    async with rules_site(tmp_path, monkeypatch, document) as site:
        record = await run_change(site, ALICE, "/pg cluster resize payments-prod --cores 8")
        cluster = find_cluster(site, "payments-prod")

    assert record.state is ChangeState.DONE
    assert cluster.credentials.password == SECRET
