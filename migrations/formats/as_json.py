"""The readiness report as JSON, in the form that `readiness.schema.json` describes."""

import json
from datetime import datetime
from typing import Any

from bot.domain.reply_document import dump_record
from migrations.formats.contents import ClusterSection, ReportContents, build_contents, format_instant
from migrations.formats.readiness_records import ClientsOverview, ClusterReadiness, CoverageRecord, RuleRecord
from migrations.readiness import ReadinessReport

SCHEMA = "urn:ionos-pg-chatops:readiness:2"
"""The `$id` of the schema. A change that could break a reader makes it 3."""


def as_json(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the document in ASCII, so that no character of a name has an effect on its way to the reader."""
    whole = build_contents(report, reproducible=reproducible)
    return json.dumps(_document(whole), indent=2, ensure_ascii=True) + "\n"


def _document(whole: ReportContents) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        **instant_as_json(whole.at),
        "coverage": dump_record(
            CoverageRecord.of(whole.coverage, clusters=len(whole.sections), rules=len(whole.rules))
        ),
        "verdicts": dict(whole.verdicts),
        "clients": dump_record(
            ClientsOverview(verdicts=dict(whole.clients), basis=whole.client_basis, lacks=whole.client_lacks)
        ),
        "severities": dict(whole.severities),
        "waived": whole.waived,
        "rules": [dump_record(RuleRecord.of(rule)) for rule in whole.rules],
        "clusters": list(map(_cluster, whole.sections)),
    }


def instant_as_json(at: datetime | None) -> dict[str, str]:
    """Return the time of reading, nothing for a reproducible report."""
    return {} if at is None else {"read_at": format_instant(at)}


def _cluster(section: ClusterSection) -> dict[str, Any]:
    plain = dump_record(ClusterReadiness.of(section))
    for evidence in (each for finding in plain["findings"] for each in finding["evidence"]):
        if evidence["read_at"] is None:
            del evidence["read_at"]
    return plain
