"""`pgbot readiness` goes by app.yaml too: its waivers, and the folder of rules that it names."""

import json

import pytest
from readiness_site import readiness_site

pytestmark = pytest.mark.anyio

OWN = """
from migrations.rule import Basis, Evidence, Fires, Remedy, Rule, Severity

rule = Rule(
    module=__name__,
    title="Everything is old",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="our own handbook",
    remedy=Remedy(text="Look at it."),
)


@rule.check
def check(facts):
    return Fires((Evidence(field="id", value=facts.cluster.id),))
"""


async def test_waivers_and_rules_of_app_yaml_count(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "pgx001_old.py").write_text(OWN)
    (tmp_path / "app.yaml").write_text(
        f"migration: {{rules: {folder}}}\n"
        "waivers:\n"
        '  - {rule: PGR020, cluster: "ledger-*", until: 2999-12-31, owner: "@alice", reason: agreed}\n'
    )
    async with readiness_site(tmp_path) as site:
        ended = await site.pgbot("readiness", "--format", "json")

    clusters = json.loads(ended.out)["clusters"]
    assert all(any(each["rule"] == "PGX001" for each in cluster["findings"]) for cluster in clusters)
    synchronous = next(each for each in clusters if each["name"] == "ledger-prod")
    waived = next(each for each in synchronous["findings"] if each["rule"] == "PGR020")
    assert waived["waiver"]["owner"] == "@alice"
    assert synchronous["verdict"] == "ready"
