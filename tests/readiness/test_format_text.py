"""Plain text as a terminal shows it, line by line."""

from format_kit import full_of, report, texts
from hypothesis import given
from rule_kit import READY

from bot.domain.text_safety import visible, visible_lines
from migrations.formats.as_text import as_text

EXPECTED = f"""\
1 cluster × 6 rules checked. 1 check was inconclusive because data is missing. 1 question needs an \
answer from you. 1 check does not apply. 1 endpoint did not respond completely.
Responded: v1, v2 de/txl, v2 es/vit, v2 fr/par, v2 gb/bhx, v2 gb/lhr, v2 us/ewr, v2 us/las, v2 us/mci.
Did not respond completely: v2 de/fra.
Not read: v2 de/fra (contract shop): it answers 503
Inconclusive because data is missing: PGR905 (1).
Questions for you: PGR906 (1).
Not applicable: PGR907 (1).
Clusters: 1 blocked, 0 needs work, 0 inconclusive, 0 ready.
Findings: 1 blocker, 1 action, 0 advice, 1 info; 1 waived.
Clients: 1 still on v1, 0 not known, 0 off v1.
Clients: 1 file of evidence could not be used: scan.json.
Read at 2026-11-23T09:00:00Z.

orders-prod · de/txl · contract shop · 46c151c7-55f8-42a4-86c3-06ad6b4b91ea
  blocked; pending: not visible in v2; owner @alice
  clients: still on v1
      scan: main.tf:3, PGR122 (orders.json)
      v1's list of users could not be read.
  [blocker] PGR901 It cannot be expressed
      No value.
      basis: documented; source: v2 specification, properties
      seen: properties.synchronizationMode = SYNCHRONOUS (v1 GET /clusters, 2026-11-23T09:00:00Z)
      seen: properties.synchronizationMode = SYNCHRONOUS (v1 GET /clusters, 2026-11-23T09:00:00Z)
      do: Choose another.
        /pg cluster replication orders-prod
        ionosctl dbaas postgres cluster update --location de/txl --cluster-id {READY.id}
        CREATE ROLE app LOGIN;
        \\password app
"""


def test_the_report_begins_like_this():
    assert as_text(report()).startswith(EXPECTED)


def test_a_missing_fact_and_a_question_say_what_they_need():
    text = as_text(report())

    assert (
        "  [inconclusive] PGR905 It lacks a fact\n      v1's response does not include properties.ram\n"
        in text
    )
    assert "  [ask] PGR906 Only a person knows\n      no API has it\n      ask: How many days?\n" in text
    assert "      waived: U0ALICE, until 2026-12-23T09:00:00Z: the move is planned\n" in text


@given(texts)
def test_no_text_makes_another_line_or_moves_the_cursor(text):
    shown = as_text(full_of(text))

    assert shown.count("\n") == as_text(full_of("tame")).count("\n")
    assert all(line.isprintable() for line in shown.split("\n"))


def test_what_cannot_be_seen_is_written_out():
    assert visible("a\tb\nc\x1b\u202e\U000e0041") == "a\\x09b\\nc\\x1b\\u202e\\U000e0041"
    assert visible("日本 ü") == "日本 ü"
    assert visible_lines("a\nb\x1b") == "a\nb\\x1b"
