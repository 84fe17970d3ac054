"""A readiness report with one of everything, and hostile text, for the tests of the formats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from rule_kit import NOW, READY

from bot.domain.cluster import Api, Gap
from bot.domain.migration_records import Waiver
from migrations.clients import ClientState, ClientUse, ClientVerdict, EvidenceLack, UseSource
from migrations.readiness import Assessment, Finding, OpenQuestion, ReadinessReport
from migrations.rule import Basis, Remedy, Rule, RuleEvidence, Severity
from migrations.v2_presence import PresenceState, V2Presence

HARM = (
    "<!channel> <@U0ALICE>",
    "</script><script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "=HYPERLINK(\"https://evil.example\")",
    "+1", "-1+1", "@SUM(A1)", " =1+1", "\t=1+1", "＝1+1",
    "a,b;c\"d'e",
    "line\nline\r\nline\u2028line",
    "\x1b[2J\x00\x07\x9b31m",
    "\u202eevil\u202c\u200b\ufeff",
    "\ud800",
    "| a | b |", "](https://evil.example)", "[a](https://evil.example)", "![a](https://evil.example)",
    "````", "`` ` ``", "_a_ __b__ *c* ~~d~~ $e$", "# heading", "- point", "1. point", "---", "&lt;&amp;",
    "https://evil.example WWW.evil.example", "{name} {0} {{id}}", "'; rm -rf / #", "$(id)", "--help", "",
    "\\", "a\\|b", "]]>", "--><b>",
)  # fmt: skip
"""Each of these has broken some reader's report at some time."""

texts = st.one_of(
    st.sampled_from(HARM),
    st.text(st.characters(), max_size=30),
    st.lists(st.sampled_from(HARM), min_size=2, max_size=3).map("".join),
)


def rule(number, severity=Severity.ACTION, *, remedy=None, title="A title", **others):
    """Return a rule that was never evaluated, for findings made by hand."""
    return Rule(
        module=f"rules.pgr{number}_by_hand",
        title=title,
        severity=severity,
        basis=others.pop("basis", Basis.DOCUMENTED),
        source="v2 specification, properties",
        remedy=remedy or Remedy(text="Do this.", command="/pg cluster show {name}"),
        **others,
    )


BLOCKER = rule(
    "901",
    Severity.BLOCKER,
    title="It cannot be expressed",
    remedy=Remedy(
        text="Choose another.",
        command="/pg cluster replication {name}",
        ionosctl="ionosctl dbaas postgres cluster update --location {region} --cluster-id {id}",
        sql="CREATE ROLE app LOGIN;\n\\password app",
    ),
)
ACTION = rule("902", title="Something should change", basis=Basis.LIMIT)
WAIVED = rule("903", title="Somebody lives with it")
INFO = rule("904", Severity.INFO, title="Good to know", basis=Basis.INFERRED)
LACKING = rule("905", Severity.BLOCKER, title="It lacks a fact")
ASKING = rule("906", Severity.ADVICE, title="Only a person knows")
IDLE = rule("907", Severity.BLOCKER, title="It is about a pooler")
RULES = (BLOCKER, ACTION, WAIVED, INFO, LACKING, ASKING)

WAIVER = Waiver("PGR903", READY.id, NOW + timedelta(days=30), "U0ALICE", "the move is planned")
GAP = Gap(
    where="v2 de/fra (contract shop)", why="it answers 503", api=Api.V2, contract="shop", region="de/fra"
)
SEEN = RuleEvidence(field="properties.synchronizationMode", value="SYNCHRONOUS")


def assessment(name="orders-prod", *, id=READY.id, read_at=NOW, text="", **changes):  # noqa: A002
    """Return one cluster with a finding of each kind. `text` goes wherever text from outside can go."""
    seen = replace(SEEN, value=text or SEEN.value)
    waiver = replace(WAIVER, owner=text or WAIVER.owner, reason=text or WAIVER.reason)
    return Assessment(
        cluster=replace(READY, name=name, id=id, **changes),
        read_at=read_at,
        owner=text or "@alice",
        presence=V2Presence(PresenceState.PENDING, text or "not visible in v2"),
        findings=(
            Finding(rule=BLOCKER, severity=Severity.BLOCKER, evidence=(seen, SEEN), why=text or "No value."),
            Finding(rule=ACTION, severity=Severity.ACTION, evidence=(seen,)),
            Finding(rule=WAIVED, severity=Severity.ACTION, evidence=(seen,), waiver=waiver),
            Finding(rule=INFO, severity=Severity.INFO, evidence=(seen,)),
        ),
        questions=(
            OpenQuestion(LACKING, text or "v1's response does not include properties.ram"),
            OpenQuestion(ASKING, text or "no API has it", text or "How many days?"),
        ),
        not_applicable=(IDLE,),
        clients=ClientVerdict(
            ClientState.STILL_ON_V1,
            (ClientUse(UseSource.SCAN, text or "main.tf:3, PGR122 (orders.json)"),),
            (EvidenceLack(text or "v1's list of users could not be read"),),
        ),
    )


def report(*assessments, at=NOW, rules=RULES, gaps=(GAP,)):
    """Return a report of these clusters, or of one."""
    lacks = (EvidenceLack("1 file of evidence could not be used", ("scan.json",)),)
    return ReadinessReport(
        at=at, assessments=assessments or (assessment(),), rules=rules, gaps=gaps, client_lacks=lacks
    )


def full_of(text):
    """Return a report with `text` wherever text from outside can go."""
    changes = {"id": text or "id", "region": text, "contract": text, "text": text}
    made = report(assessment(text, **changes), gaps=(replace(GAP, where=text or "v2", why=text or "503"),))
    return replace(made, client_lacks=(EvidenceLack(text or "why", (text,)),))


def later(minutes):
    """Return a time that is not `NOW`."""
    return datetime(2027, 3, 4, 5, minutes, tzinfo=UTC)
