"""The app.yaml that ships passes the check with every example in use and living ids."""

import json
import re
from pathlib import Path

import pytest
from evidence_kit import write_scan
from programs_site import open_programs_stage, run

pytestmark = pytest.mark.anyio

EXAMPLE = Path(__file__).parents[2] / "app.yaml"
LIVING = {
    "T0123456789": "T0DEMO",
    "T0987654321": "T0SECOND",
    "A0123456789": "A0PGBOT",
    "C0123456789": "C0OPS",
    "C0234567890": "C0DBA",
    "U0123456789": "U0BOB",
    "U0234567890": "U0ALICE",
    "S0123456789": "S0DBA",
    "31884391": "21000001",
    "olga": "root",
    "/etc/pgbot": "FOLDER",
    "/run/pgbot": "FOLDER",
    "/mnt/elsewhere": "FOLDER",
    "/run/secrets/sandbox": "FOLDER/sandbox",
    "  api_url: https://api.ionos.com/databases/postgresql": "  api_url: CLOUD/databases/postgresql",
    "  region_url: https://postgresql.{region}.ionos.com": "  region_url: CLOUD/{region}",
}
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
SECRETS = {
    "AUDIT_KEY": "k" * 40,
    "PAYMENTS_PASSWORD": "Payments-Passw0rd!",
    "SANDBOX_USERNAME": "demo",
    "LOGGER_TAG": "pgbot",
    "VAULT_ADDR": "https://vault.example.com",
    "VAULT_TOKEN": "vault",
    "IONOS_TOKEN": "demo-token",
}


def in_use(folder, cloud):
    """Return the example with all that is commented out in use, and what it names in a folder."""
    text = re.sub(r"^#(?! \S|$)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name, living in LIVING.items():
        assert name in text
        text = text.replace(name, living)
    for name in ("rules", "evidence", "scans", "bin"):
        (folder / name).mkdir()
    for program in ("logger", "journalctl", "vault-put"):
        (folder / "bin" / program).write_text("#!/bin/sh\n")
        (folder / "bin" / program).chmod(0o755)
    (folder / "sandbox-password").write_text("demo")
    (folder / "office.ics").write_text(CALENDAR, newline="")
    for name in ("evidence", "scans"):
        write_scan(folder / name / "scan.json")
    (folder / "app.yaml").write_text(text.replace("FOLDER", str(folder)).replace("CLOUD", cloud))


async def test_the_example_passes_with_living_ids(tmp_path):
    async with open_programs_stage(tmp_path) as (demo, environment):
        in_use(tmp_path, demo.cloud_url)
        path = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "PGBOT_CONFIG": str(tmp_path / "app.yaml")}
        ended = await run("check", "--json", env=environment | SECRETS | path)

    found = json.loads(ended.out)
    said = [each["what"] for each in found if each["level"] not in {"ok", "hint"}]
    assert said == ["cloud: contract sandbox uses a login, so pgbot can’t see its v2 clusters"]
    assert ended.code == 0
