"""The file and line of each cluster: the block that a scan found, else app.yaml, else none."""

from dataclasses import replace
from pathlib import Path

from rule_kit import NOW, READY

from bot.programs.output import deliver_all
from bot.programs.readiness_program import find_places, name_in_repository
from bot.settings.model import Settings
from bot.settings.yaml_source import YamlDocument
from migrations.evidence_files import EvidenceFiles, EvidenceHit, EvidenceSource, ScanEvidence
from migrations.formats.as_sarif import SarifPlace

APP = """ionos:
  contracts:
    - name: shop
      token: env:IONOS_TOKEN
clusters:
  - match: {name: "other-*"}
    owner: "@bob"
  - match: {name: "orders-*"}
    owner: "@alice"
"""
DOCUMENT = YamlDocument.parse(Path("app.yaml"), APP)
SETTINGS = Settings.model_validate(DOCUMENT.values)
ORDERS = replace(READY, contract="shop")
OTHERS = replace(ORDERS, id="another-id", name="ledger-prod")


def scanned(*hits):
    source = EvidenceSource(file="scan.json", at=NOW)
    return EvidenceFiles(scans=(ScanEvidence(source=source, hits=hits, files=1, unread=0),))


def hit(path, rule, cluster):
    return EvidenceHit(path=path, line=7, rule=rule, cluster=cluster)


def test_without_a_scan_it_is_the_entry_of_app_yaml_else_the_contracts():
    assert find_places((ORDERS, OTHERS), EvidenceFiles(), SETTINGS, DOCUMENT) == {
        ORDERS.id: SarifPlace("app.yaml", 8),
        OTHERS.id: SarifPlace("app.yaml", 3),
    }


def test_without_a_file_of_settings_there_is_none():
    assert find_places((ORDERS,), EvidenceFiles(), SETTINGS, YamlDocument()) == {}


def test_the_block_that_declares_the_cluster_comes_before_another_use_of_it():
    evidence = scanned(hit("ci.sh", "PGR120", ORDERS.id), hit("main.tf", "PGR132", ORDERS.name))

    assert find_places((ORDERS,), evidence, SETTINGS, DOCUMENT) == {ORDERS.id: SarifPlace("main.tf", 7)}
    evidence = scanned(hit("ci.sh", "PGR120", ORDERS.id), hit("main.tf", "PGR132", ORDERS.id.upper()))
    assert find_places((ORDERS,), evidence, SETTINGS, DOCUMENT) == {ORDERS.id: SarifPlace("main.tf", 7)}


def test_a_name_that_two_clusters_have_is_neither_ones_place():
    twin = replace(ORDERS, id="twin-id")
    places = find_places((ORDERS, twin), scanned(hit("main.tf", "PGR132", ORDERS.name)), SETTINGS, DOCUMENT)

    assert {each.path for each in places.values()} == {"app.yaml"}


def test_a_path_is_as_the_repository_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert name_in_repository(Path("sub/app.yaml")) == "sub/app.yaml"
    assert name_in_repository(Path("/elsewhere/app.yaml")) == "/elsewhere/app.yaml"


def test_several_files_are_numbered_and_told(tmp_path, capsys):
    deliver_all(("a\n", "b\n"), tmp_path / "report.sarif")

    assert (tmp_path / "report-1.sarif").read_text() == "a\n"
    assert (tmp_path / "report-2.sarif").read_text() == "b\n"
    assert "report-1.sarif and " in capsys.readouterr().err
