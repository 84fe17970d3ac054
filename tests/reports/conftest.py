"""Fixtures of these tests: a kernel with an app.yaml of their own, and its report runner."""

import pytest
from report_kit import reports_site


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open a terminal whose app.yaml has these reports."""

    def open_(lines, *, clusters=44):
        return reports_site(tmp_path, monkeypatch, lines, clusters=clusters)

    return open_
