"""Fixtures of the audit programs' tests: a data folder with a log, and a way to start a program."""

import pytest
from audit_kit import write_log
from audit_programs import AuditPrograms


@pytest.fixture
def programs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGBOT_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    write_log(tmp_path / "data" / "pgbot.db", 20)
    return AuditPrograms(tmp_path / "data", capsys)
