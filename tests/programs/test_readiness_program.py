"""`pgbot readiness`: with only a token, its exit codes, and its files."""

import asyncio
import json
import os
import resource
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from evidence_kit import write_scan
from format_kit import assessment, report
from jsonschema import Draft202012Validator
from precheck_reports import write_precheck
from programs_site import PGBOT, clean_environment, run, running_program
from readiness_site import ci_environment, readiness_site
from sarif_check import checked_run

import migrations.formats
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError, StoreError
from bot.programs.output import deliver
from bot.programs.read_only_sources import reading_fleet
from bot.programs.readiness_program import exit_code, read_report
from bot.runtime.clock import SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import load_settings
from migrations.clients import ClientState, ClientVerdict
from migrations.formats.readiness_formats import Format, render_report
from migrations.rule import Severity

pytestmark = pytest.mark.anyio
SCHEMA = Path(migrations.formats.__file__).with_name("readiness.schema.json")


@pytest.fixture
async def site(tmp_path):
    async with readiness_site(tmp_path) as site:
        yield site


async def test_a_token_is_enough_and_blockers_end_with_1(site):
    ended = await site.pgbot("readiness")

    assert ended.code == ExitCode.FAILED, ended.err
    assert " rules checked" in ended.out.split("\n")[0]
    assert "orders-prod · de/txl · contract default" in ended.out
    assert ended.err == ""
    assert list(site.folder.iterdir()) == []  # no database, no data folder


async def test_regions_that_refuse_are_named_and_their_clusters_undetermined(site):
    site.fault(kind="status", status=503, api="v2", region="de-txl")
    site.fault(kind="status", status=401, api="v2", region="gb-lhr")

    ended = await site.pgbot("readiness", "--format", "json", "--fail-on", "never")

    assert ended.code == ExitCode.PARTIAL, ended.err
    read = ended.json()
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(read)
    assert read["coverage"]["unanswered"] == ["v2 de/txl", "v2 gb/lhr"]
    assert {gap["region"] for gap in read["coverage"]["gaps"]} == {"de/txl", "gb/lhr"}
    standings = {each["region"]: each["standing"] for each in read["clusters"]}
    assert (standings["de/txl"], standings["gb/lhr"]) == ("undetermined", "undetermined")
    assert standings["fr/par"] != "undetermined"


async def test_a_reproducible_file_is_the_same_bytes_again_and_whole(site):
    for name in ("one.md", "two.md"):
        await site.pgbot("readiness", "--reproducible", "--format", "md", "--out", name)

    one, two = (site.folder / name for name in ("one.md", "two.md"))
    assert one.read_bytes() == two.read_bytes()
    assert one.read_text(encoding="utf-8").startswith("# Readiness for v2\n")
    assert sorted(site.folder.iterdir()) == [one, two]


async def test_a_reader_that_has_seen_enough_is_no_trouble(site):
    line = f"{' '.join(PGBOT)} readiness | head -n 1; echo ${{PIPESTATUS[0]}}"
    ended = await run("-c", line, program=("bash",), env=ci_environment(site.url), cwd=site.folder)

    first, code = ended.out.strip().split("\n")
    assert " rules checked" in first
    assert (code, ended.err) == ("1", "")


async def test_progress_is_told_to_a_terminal_only(site):
    watcher, terminal = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *PGBOT,
        "readiness",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=terminal,
        env=clean_environment(ci_environment(site.url)),
        cwd=site.folder,
    )
    os.close(terminal)
    async with asyncio.timeout(120):
        await process.wait()
    said = os.read(watcher, 4096).decode()
    os.close(watcher)

    # One line, which the next output takes the place of.
    assert said.startswith("\r\x1b[2KReading clusters, versions and backups in every region …")
    assert said.endswith("\r\x1b[2K")


async def test_evidence_that_cannot_be_used_ends_with_3(site):
    ended = await site.pgbot("readiness", "--fail-on", "never", "--evidence", "scan.json")

    assert ended.code == ExitCode.PARTIAL
    assert "1 file of evidence could not be used: scan.json: " in ended.out


async def test_without_clusters_it_says_that_there_was_nothing_to_check(tmp_path):
    async with readiness_site(tmp_path, clusters=0) as site:
        ended = await site.pgbot("readiness")

    assert ended.code == ExitCode.OK
    assert ended.out.startswith("No v1 cluster was found, so nothing was checked.")


async def test_it_works_against_the_stand_in_as_a_program(tmp_path):
    async with running_program("demo", "cloud", cwd=tmp_path) as cloud, asyncio.timeout(120):
        line = (await cloud.stdout.readline()).decode()
        url = "http://" + line.split("http://")[1].split("/")[0]
        ended = await run("readiness", "--format", "csv", env=ci_environment(url), cwd=tmp_path)
        cloud.send_signal(signal.SIGTERM)
        await cloud.wait()

    assert ended.code == ExitCode.FAILED, ended.err
    assert "orders-prod" in ended.out


@pytest.mark.parametrize(
    ("arguments", "env", "says"),
    [
        (("--format", "pdf"), {}, "invalid choice: 'pdf' (choose from"),
        ((), {}, "Set IONOS_TOKEN"),
        ((), {"IONOS_TOKEN": "t", "PGBOT_CONFIG": "/no/such/app.yaml"}, "Can’t read"),
    ],
)
async def test_wrong_usage_and_settings_end_with_2(tmp_path, arguments, env, says):
    ended = await run("readiness", *arguments, env=env, cwd=tmp_path)

    assert ended.code == ExitCode.USAGE
    assert says in ended.err
    assert "Traceback" not in ended.err


async def test_a_report_that_cannot_be_written_ends_with_2(site):
    ended = await site.pgbot("readiness", "--out", "no/such/folder/report.txt")

    assert ended.code == ExitCode.USAGE
    assert "Can’t write no/such/folder/report.txt: No such file or directory." in ended.err


async def test_help_says_what_the_exit_codes_mean(tmp_path):
    ended = await run("readiness", "--help", cwd=tmp_path)

    assert ended.code == 0
    judged = (ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE, ExitCode.PARTIAL)
    assert all(f"\n  {code.value}  " in ended.out for code in judged)


@pytest.fixture
def settings(site, monkeypatch):
    """Return the settings of a CI job's environment."""
    for name, value in ci_environment(site.url).items():
        monkeypatch.setenv(name, value)
    return load_settings(environment=os.environ).settings


async def test_every_format_of_a_real_report_is_valid(settings):
    given = await read_report(settings, SystemClock())

    pages = {output: "".join(render_report(given, output)) for output in Format}
    findings = sum(len(each.findings) + len(each.questions) for each in given.assessments)
    read = json.loads(pages[Format.JSON])
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(read)
    assert len(checked_run(pages[Format.SARIF])["results"]) == findings > 100
    assert pages[Format.HTML].count('<section class="item') == findings
    assert pages[Format.MARKDOWN].count("\n### ") == findings


async def test_nothing_can_be_written_to_the_cloud(site, settings):
    async with reading_fleet(settings, SystemClock()) as fleet:
        listing = await fleet.clusters()
        with pytest.raises(StoreError, match="this program only reads"):
            await fleet.delete(listing.items[0])

    assert site.cloud.calls.count("DELETE", "/clusters/{clusterId}") == 0


STILL_ON, NOT_KNOWN, OFF = ClientState
QUIET = replace(assessment(), findings=(), questions=())
LACKING, ASKING = assessment().questions
ADVICE = replace(assessment().findings[1], severity=Severity.ADVICE)


@pytest.mark.parametrize(
    ("given", "fail_on", "code"),
    [
        (report(QUIET, gaps=()), "advice", ExitCode.OK),
        (report(), "blocker", ExitCode.FAILED),
        (report(gaps=()), "never", ExitCode.OK),
        (report(), "never", ExitCode.PARTIAL),
        (report(QUIET), "blocker", ExitCode.PARTIAL),
        (report(replace(QUIET, findings=(ADVICE,)), gaps=()), "action", ExitCode.OK),
        (report(replace(QUIET, findings=(ADVICE,)), gaps=()), "advice", ExitCode.FAILED),
        (report(replace(QUIET, findings=assessment().findings[2:3]), gaps=()), "advice", ExitCode.OK),
        (report(replace(QUIET, questions=(LACKING,)), gaps=()), "blocker", ExitCode.PARTIAL),
        (report(replace(QUIET, questions=(ASKING,)), gaps=()), "advice", ExitCode.OK),
        (report(replace(QUIET, questions=(LACKING,)), gaps=()), "never", ExitCode.OK),
    ],
    ids=[
        "nothing at all",
        "a blocker, and a gap",
        "a blocker, and never",
        "a gap, and never",
        "a gap",
        "below the threshold",
        "at the threshold",
        "waived",
        "a blocker's rule lacks a fact",
        "a question for people",
        "a rule lacks a fact, and never",
    ],
)
def test_exit_codes(given, fail_on, code):
    assert exit_code(given, fail_on) == code


def with_clients(*states):
    return report(*(replace(QUIET, clients=ClientVerdict(each)) for each in states), gaps=())


@pytest.mark.parametrize(
    ("given", "fail_on_clients", "code"),
    [
        (with_clients(OFF), "not-known", ExitCode.OK),
        (with_clients(OFF, NOT_KNOWN), "not-known", ExitCode.FAILED),
        (with_clients(OFF, NOT_KNOWN), "still-on-v1", ExitCode.PARTIAL),
        (with_clients(STILL_ON, NOT_KNOWN), "still-on-v1", ExitCode.FAILED),
        (with_clients(STILL_ON, NOT_KNOWN), "never", ExitCode.OK),
    ],
)
def test_exit_codes_for_clients(given, fail_on_clients, code):
    assert exit_code(given, "blocker", fail_on_clients) == code


async def test_evidence_settles_what_clients_do(site):
    orders = next(each for each in site.cloud.everything() if each.name == "orders-prod")
    write_scan(site.folder / "one.json", ("deploy.sh", 7, orders.id), at=SystemClock().now())
    (site.folder / "two.json").write_text("[]")
    line = (
        "readiness",
        "--evidence",
        "one.json",
        "--evidence",
        "two.json",
        "--fail-on-clients",
        "still-on-v1",
    )

    ended = await site.pgbot(*line, "--format", "json", "--fail-on", "never")

    assert ended.code == ExitCode.FAILED, ended.err
    clients = {each["name"]: each["clients"] for each in ended.json()["clusters"]}
    assert clients["orders-prod"]["uses"] == [{"source": "scan", "what": "deploy.sh:7, PGR122 (one.json)"}]
    assert clients["ledger-prod"]["verdict"] == "not known"
    assert [each["why"] for each in ended.json()["clients"]["lacks"]] == [
        "1 file of evidence could not be used",
        "there is no audit log at /nonexistent/pgbot/pgbot.db",
    ]


async def test_a_precheck_adds_findings_and_takes_the_question_away(site):
    orders = next(each for each in site.cloud.everything() if each.name == "orders-prod")
    prepared = {"name": "tx", "owner": "app", "database": "orders", "prepared": "2026-11-20"}
    now = SystemClock().now()
    write_precheck(site.folder / "orders.json", now, orders.id, prepared_transactions=[prepared])
    write_precheck(site.folder / "old.json", now - timedelta(days=40), orders.id)
    write_precheck(site.folder / "other.json", now, "0b2c7a3e-9f0e-4b57-8a64-6f5e0d1c2b3a")

    ended = await site.pgbot("readiness", "--evidence", ".", "--format", "json", "--fail-on", "never")

    clusters = {each["name"]: each for each in ended.json()["clusters"]}
    (found,) = (each for each in clusters["orders-prod"]["findings"] if each["rule"] == "PGR155")
    assert found["evidence"][0]["value"] == "tx of app in database orders, since 2026-11-20"
    asked = {
        name: [each for each in cluster["questions"] if each["rule"] >= "PGR150"]
        for name, cluster in clusters.items()
    }
    assert asked.pop("orders-prod") == []
    assert {len(questions) for questions in asked.values()} == {1}
    assert asked["ledger-prod"][0]["why"] == "its databases have no precheck"
    gaps = {gap["where"]: gap["why"] for gap in ended.json()["coverage"]["gaps"]}
    assert gaps["precheck of 0b2c7a3e-9f0e-4b57-8a64-6f5e0d1c2b3a"] == "no v1 cluster has its id or DNS name"


async def test_the_audit_log_of_a_bot_on_this_machine_is_looked_at(site):
    write_scan(site.folder / "scan.json", at=SystemClock().now())
    database = SqliteDatabase(site.folder / "data" / "pgbot.db")
    database.path.parent.mkdir()
    await database.open()
    orders = next(each for each in site.cloud.everything() if each.name == "orders-prod")
    entry = AuditEntry(
        at=SystemClock().now(),
        kind="outcome",
        trace="aaaa00000001",
        team="T0DEMO",
        actor="U0ALICE",
        channel="C0OPS",
        command="log show",
        outcome="ok",
        clusters=frozenset({orders.id}),
    )
    await AuditLog(database).append(entry)
    await database.close()

    ended = await site.pgbot("readiness", "--evidence", "scan.json", "--format", "json", "--fail-on", "never")

    clients = {each["name"]: each["clients"] for each in ended.json()["clusters"]}
    assert clients["orders-prod"]["verdict"] == "still on v1"
    assert clients["orders-prod"]["uses"][0]["what"].startswith("“log show” here, 1 time, last on")
    assert ended.json()["clients"]["lacks"] == []
    assert clients["ledger-prod"]["verdict"] == "off v1"


def test_a_lacking_fact_matters_only_if_its_rule_could_have_reached_the_threshold():
    rule = replace(LACKING.rule, severity=Severity.ADVICE)
    given = report(replace(QUIET, questions=(replace(LACKING, rule=rule),)), gaps=())

    assert exit_code(given, "blocker") == ExitCode.OK
    assert exit_code(given, "advice") == ExitCode.PARTIAL


def test_a_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "report.txt"
    deliver("before", path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # a disk with little room
    try:
        with pytest.raises(ConfigError, match="File too large"):
            deliver("x" * 5000, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_its_target_gets_the_report(tmp_path):
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    deliver("new", link)

    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize(("path", "why"), [("/dev/full", "No space left"), (".", "Is a directory")])
def test_what_is_no_file_is_not_replaced(path, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = Path(path).stat().st_mode
    with pytest.raises(ConfigError, match=why):
        deliver("x", Path(path))

    assert Path(path).stat().st_mode == before
