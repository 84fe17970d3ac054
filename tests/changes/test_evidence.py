"""`change show --bundle` and `python -m bot.audit.evidence`: intact bundles pass, every alteration is
found."""

import ast
import copy
import json
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from audit_kit import make_entry
from change_requests import ALICE, BOB, CAROL, PROD, TEST, VERA, ask, now
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

import bot
from bot.audit.evidence.chain import _hash, hash_of
from bot.audit.evidence.course import requests
from bot.audit.evidence.decisions import need_rule, need_words, satisfied
from bot.audit.evidence.program import CHECKS, contradictions, problems
from bot.audit.evidence.reading import UnreadableBundle
from bot.audit.evidence.replay import gaps
from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.approval_requirement import (
    ApprovalCondition,
    ApprovalRequirement,
    ChangeFreeze,
    RequirementKind,
)
from bot.domain.quorum import missing_approvals
from bot.domain.reply import File
from bot.domain.request import Actor, Origin

pytestmark = pytest.mark.anyio


async def bundled(terminal, record, actor=BOB):
    """Return the bundle of a change, as a file has it."""
    reply = await terminal.run(f"change show {record.id} --bundle", actor)
    assert reply.ok, reply
    [file] = [part for part in reply.parts if isinstance(part, File)]
    assert file.name == f"{record.id}-evidence.json"
    return json.loads(file.content)


@pytest.fixture(scope="module")
async def bundles(tmp_path_factory, anyio_backend):
    """Return bundles of changes in every possible course. They are copied before they are touched."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        async with terminal_site(folder, patch, clusters=12) as terminal, hurry(terminal):
            return {name: await bundled(terminal, await way(terminal)) for name, way in WAYS.items()}


async def somebody_else(terminal):
    """Write a row that is about something else."""
    number = next(terminal.numbers)
    await terminal.kernel.audit.append(make_entry(number))


async def restored(terminal):
    record = await ask(terminal, PROD, ALICE)
    for person in (BOB, CAROL):
        await somebody_else(terminal)
        assert (await terminal.run(f"change approve {record.id}", person)).ok
    await somebody_else(terminal)
    runner = WorkflowRunner(terminal, ALICE)
    record = await runner.claim(record)
    await runner.run(record)
    return await now(terminal, record)


async def denied(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f"change approve {record.id}", CAROL)
    await terminal.run(f'change deny {record.id} --reason "not today"', BOB)
    return record


async def taken_back(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f"change approve {record.id}", BOB)
    assert (await terminal.run(f"change approve {record.id} --take-back", BOB)).ok
    return record


async def broken_glass(terminal):
    record = await ask(terminal, PROD, ALICE)
    line = f'change breakglass {record.id} --name orders-prod --reason "it burns"'
    assert (await terminal.run(line, BOB)).ok
    runner = WorkflowRunner(terminal, ALICE)
    await runner.run(await runner.claim(record))
    return record


async def reviewed(terminal):
    record = await ask(terminal, PROD, ALICE)
    bob = replace(BOB, origin=Origin.SLACK, id="U0BOB", person="")
    line = f'change breakglass {record.id} --name orders-prod --reason "it burns"'
    assert (await terminal.run(line, bob)).ok
    runner = WorkflowRunner(terminal, ALICE)
    await runner.run(await runner.claim(record))
    await somebody_else(terminal)
    assert (await terminal.run(f"change review {record.id} --reason seen", CAROL)).ok
    return await now(terminal, record)


async def drilled(terminal):
    runner = WorkflowRunner(terminal)
    record = await runner.start("drill orders-prod")
    await runner.run(record)
    return record


async def renamed(terminal):
    runner = WorkflowRunner(terminal)
    record = await runner.start(TEST)
    await runner.run(record)
    return record


async def waiting(terminal):
    return await ask(terminal, PROD, ALICE)


async def withdrawn(terminal):
    record = await ask(terminal, PROD, ALICE)
    assert (await terminal.run(f"change withdraw {record.id}", ALICE)).ok
    return record


async def expired(terminal):
    record = await ask(terminal, PROD, ALICE)
    terminal.kernel.clock.advance(timedelta(days=2))
    await terminal.kernel.dispatcher.changes.expire_due()
    return record


async def voted_in_two_places(terminal):
    """Approve in Slack, take it back at the terminal, and approve there again."""
    record = await ask(terminal, PROD, ALICE)
    bob = replace(BOB, origin=Origin.SLACK, id="U0BOB", person="")
    for line, who in (("", bob), (" --take-back", BOB), ("", BOB)):
        assert (await terminal.run(f"change approve {record.id}{line}", who)).ok
    return record


async def scheduled(terminal):
    proof = Actor(origin=Origin.SCHEDULE, id="proof", name="bob", team="T0DEMO", person="U0BOB")
    record = await ask(terminal, "drill orders-prod", proof)
    line = f"change confirm {record.id} --name orders-prod"
    assert (await terminal.run(line, BOB)).ok
    runner = WorkflowRunner(terminal)
    await runner.run(await runner.claim(record))
    return record


async def settled(terminal):
    """Settle a change whose outcome was unknown."""
    runner = WorkflowRunner(terminal)
    record = await runner.start("cluster rename orders-stage orders-staging")
    assert await runner.run(record, kill_at="armed")
    await runner.run(record)
    assert (await now(terminal, record)).state is ChangeState.UNKNOWN
    assert (await terminal.run(f"change settle {record.id} not-run --reason looked", BOB)).ok
    return record


async def given_back(terminal):
    """Return a change that was claimed, gave its turn back for a freeze, and waits."""
    record = await WorkflowRunner(terminal).start("drill orders-prod")
    until = terminal.kernel.clock.now() + timedelta(hours=1)
    assert not await WorkflowRunner(terminal).run_log().stays_running(record, until)
    return record


async def stopped(terminal):
    """Withdraw a change that had its turn, before anything was sent."""
    runner = WorkflowRunner(terminal)
    record = await runner.start("drill orders-prod")
    assert (await terminal.run(f"change withdraw {record.id}", BOB)).ok
    return record


ENDED = (restored, reviewed, denied, taken_back, broken_glass, drilled, renamed, withdrawn, expired, settled)
WAYS = {
    each.__name__: each for each in (*ENDED, waiting, voted_in_two_places, scheduled, given_back, stopped)
}


@pytest.mark.parametrize("way", WAYS)
def test_an_honest_bundle_holds(bundles, way):
    assert found(bundles[way]) == []


def test_no_part_of_a_change_is_left_out(bundles):
    elsewhere = {"plan", "need", "digest", "votes", "is_armed"}
    of_nobody = {"version", "progress"}

    assert {each.name for each in fields(ChangeRecord)} - elsewhere - of_nobody == bundles["restored"][
        "change"
    ].keys()


def test_it_holds_everything_that_is_asked_for(bundles):
    bundle = bundles["restored"]

    assert bundle["change"]["state"] == "done"
    assert bundle["change"]["requester"]["name"] == "alice"
    assert bundle["change"]["reason"] == "bad deploy"
    assert [vote["name"] for vote in bundle["votes"]] == ["bob", "carol"]
    [post] = [each for each in bundle["requests"] if each["method"] == "POST"]
    assert post["status"] == 202
    assert {"row", "url", "request_id", "attempt"} <= post.keys()
    asked, voted, *_ = (each["words"] for each in bundle["timeline"])
    assert (asked, voted[:12]) == ("alice asks for 2 DBA approvals.", "bob approved")
    assert bundle["audit"]["head"]["seq"] >= bundle["audit"]["rows"][-1]["seq"]


# Tampering


NOT_COVERED = (
    "lines of the timeline without an audit row",
    "that the rows and the head are those of the log, which “pgbot audit verify” and its anchors tell",
    "that the log has no further rows about it beside those of its life, which “audit story” shows",
)
"""Facts that a bundle of this release does not prove."""

NOT_COVERED_EARLIER = {
    *("plan.harm", "plan.effects", "plan.warnings", "plan.notes", "plan.alternative", "plan.floor"),
    *("plan.ending", "plan.throwaway"),
    *("need.expires", "need.reason", "need.own_vote", "need.freeze", "need.break_glass"),
    *("change.requester.name", "change.requester.time_zone", "change.expires_at", "change.replaces"),
    *("change.made", "change.skipped", "change.reviewed_by", "votes.name", "attempt"),
    *("timeline", "audit.head"),
}
"""Facts that bundles of the first release do not prove either, wherever their rows name everybody."""


def places(value, path=()):
    """Yield everything in a nested value: its container, its key, and its path."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key, (*path, key)
        yield from places(value[key], (*path, key))


def others(value):
    """Return other values that may stand in its place."""
    if isinstance(value, str):
        return [f"{value}x", *([""] if value else [])]
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, int | float):
        return [value + 1, *([bool(value)] if value in (0, 1) else [])]
    return ["x"] if not value else []


def tampered(bundle, *parts):
    """Yield the bundle, altered in one place after the other: the path, and whether it was left out."""
    touched = [each for each in places(bundle) if not parts or each[2][0] in parts]
    touched = [each for each in touched if is_tried(bundle, each[2])]
    for inside, key, path in touched:
        value, before = inside[key], copy.copy(inside)
        for other in others(value):
            inside[key] = other
            yield path, False
        inside[key] = value
        if isinstance(value, dict):
            value["remark"] = "all agreed"
            yield (*path, "remark"), False
            del value["remark"]
        del inside[key]
        yield path, True
        inside.clear()
        inside.update(before) if isinstance(inside, dict) else inside.extend(before)


def is_tried(bundle, path):
    """Return whether this place is altered: of the audit rows of one kind and outcome, all only in a soak."""
    rows = bundle["audit"]["rows"]
    if path[:2] != ("audit", "rows") or len(path) < 4:
        return True
    kinds = [(row["kind"], row["outcome"]) for row in rows]
    return kinds[: path[2]].count(kinds[path[2]]) < examples(1, len(rows))


def unnoticed(bundle):
    """Yield manipulations that the checker neither finds nor names as unproven."""
    whole, of_this = copy.deepcopy(bundle), gaps(bundle)
    missed = [
        (path, is_left_out)
        for path, is_left_out in tampered(whole)
        if not is_found(whole, path)
        and not any(is_named(path, is_left_out, gap) for gap in (*of_this, *gaps(whole)))
    ]
    assert whole == bundle
    return missed


def is_found(bundle, path):
    """Return whether the checker finds anything, with the checks first that an alteration there concerns.

    What is not in the rows alters no hash, and making them all takes most of the time.
    """
    if path[0] == "requests" and first(bundle, (requests,)):
        return True
    if path[0] not in ("audit", "format") and first(bundle, CHECKS):
        return True
    return bool(first(bundle))


def is_omission(gap):
    """Return whether the gap leaves only an omission unproven."""
    return gap.words.startswith("that the log has no further rows")


def is_named(path, is_left_out, gap):
    """Return whether a gap names this as unproven."""
    if is_omission(gap):
        return is_left_out and path in gap.paths
    return any(path[: len(each)] == each for each in gap.paths)


def first(bundle, checks=None):
    try:
        return next(contradictions(bundle, checks) if checks else problems(bundle), "")
    except UnreadableBundle as error:
        return str(error)


def found(bundle):
    return list(problems(bundle))


@pytest.mark.parametrize("way", ["restored", "reviewed"])
def test_whatever_is_touched_is_missed_or_is_named_as_not_covered(bundles, way):
    assert unnoticed(bundles[way]) == []
    assert tuple(each.words for each in gaps(bundles[way])) == NOT_COVERED


@pytest.mark.parametrize("way", WAYS)
def test_no_bundle_of_this_release_has_other_gaps(bundles, way):
    assert {each.words for each in gaps(bundles[way])} <= set(NOT_COVERED)


@pytest.mark.parametrize("part", ["plan", "need", "change", "votes"])
@pytest.mark.parametrize("way", sorted({*WAYS} - {"restored", "reviewed"}))
def test_the_parts_that_people_read_are_proven_however_it_went(bundles, way, part):
    whole = copy.deepcopy(bundles[way])
    # The rows stay as they are, so that hashes and requests could find nothing and would only take time.
    checks = [each for each in CHECKS if each is not requests]

    assert [path for path, _ in tampered(whole, part) if not first(whole, checks)] == []


def without_row(kind):
    def tamper(bundle):
        rows = bundle["audit"]["rows"]
        rows.remove(next(row for row in rows if row["kind"] == kind))

    return tamper


def without_vote(bundle):
    del bundle["votes"][0]


def with_one_voter_more(bundle):
    bundle["votes"].append(
        {**bundle["votes"][0], "voter": "U0EVE", "name": "eve", "at": "2026-11-23T09:00:00.001+00:00"}
    )


def with_another_voter(bundle):
    bundle["votes"][0]["voter"] = "U0EVE"


def with_another_name(bundle):
    bundle["votes"][0]["name"] = "the head of IT"


def with_another_requester(bundle):
    bundle["change"]["requester"]["id"] = "U0EVE"


def with_less_harm(bundle):
    bundle["plan"]["harm"] = "mild"


def without_a_warning(bundle):
    del bundle["plan"]["warnings"][0]


def with_another_start(bundle):
    bundle["change"]["started_at"] = "2026-11-23T08:00:00.000+00:00"


def with_another_attempt(bundle):
    bundle["attempt"]["baseline"] = []


def with_another_reviewer(bundle):
    bundle["change"]["reviewed_by"] = "vera"


def with_no_reviewer(bundle):
    bundle["change"]["reviewed_by"] = ""


def with_more(bundle):
    bundle["remark"] = "all agreed"


def by_the_requester(bundle):
    bundle["change"]["requester"]["id"] = bundle["votes"][0]["voter"]


def for_another_digest(bundle):
    bundle["votes"][0]["digest"] = "0" * 64


def with_more_roles(bundle):
    bundle["votes"][0]["roles"].append("owner")


def with_a_lighter_need(bundle):
    bundle["need"]["roles"] = {"dba": 1}


def with_another_kind_of_need(bundle):
    bundle["need"]["kind"] = "none"


def with_another_result(bundle):
    bundle["change"]["result"] = "Done: all is well"


def with_another_state(bundle):
    bundle["change"]["state"] = "failed"


def with_another_reason(bundle):
    bundle["change"]["reason"] = "routine"


def with_another_policy(bundle):
    bundle["change"]["policy"] = "0" * 12


def without_attempt(bundle):
    bundle["attempt"] = None


def with_rows_swapped(bundle):
    rows = bundle["audit"]["rows"]
    rows[0], rows[1] = rows[1], rows[0]


def with_another_head(bundle):
    bundle["audit"]["head"] = {"seq": 1, "hash": "0" * 64}


def without_confirmation(bundle):
    bundle["votes"] = [vote for vote in bundle["votes"] if vote["word"] == "approve"]


TAMPERING = [
    ("restored", without_row("plan"), "has 0 rows of its plan"),
    ("restored", without_row("decision"), "no row of what bob said"),
    ("restored", without_row("intent"), "without an intent before it"),
    ("restored", without_vote, "sent without approval by 2 dba"),
    ("restored", with_one_voter_more, "no row of what eve said"),
    ("restored", with_another_voter, "the vote of U0EVE is by os:bob as slack:U0BOB in audit row"),
    ("restored", with_another_name, "the vote of U0BOB is not what audit row"),
    ("restored", with_another_requester, "is of os:alice as slack:U0ALICE, not of the requester"),
    ("restored", with_less_harm, "its plan is not the one whose SHA-256 audit row"),
    ("restored", without_a_warning, "its plan is not the one whose SHA-256 audit row"),
    ("restored", with_another_start, "another time than its started_at"),
    ("restored", with_another_attempt, "its attempt is not the one that audit row"),
    ("reviewed", with_another_reviewer, "its reviewed_by is not what audit row"),
    ("reviewed", with_no_reviewer, "says otherwise whether somebody has reviewed it"),
    ("restored", without_row("change"), "which row"),
    ("restored", without_row("request"), "has no row from before it left"),
    ("restored", with_more, "it has a part that no bundle has: 'remark'"),
    ("restored", by_the_requester, "sent without approval by 2 dba"),
    ("restored", for_another_digest, "sent without approval by 2 dba"),
    ("restored", with_more_roles, "bob did not have the roles"),
    ("restored", with_a_lighter_need, "has another rule"),
    ("restored", with_another_kind_of_need, "has another rule"),
    ("restored", with_another_result, "says another result"),
    ("restored", with_another_state, "does not say that it is failed"),
    ("restored", with_another_reason, "has another detail"),
    ("restored", with_another_policy, "has another policy"),
    ("restored", without_attempt, "no attempt"),
    ("restored", with_rows_swapped, "out of order"),
    ("restored", with_another_head, "the head of the audit"),
    ("denied", without_vote, "the vote of audit row"),
    ("broken_glass", without_vote, "nobody who may do so did"),
    ("drilled", without_confirmation, "without the requester's confirmation"),
    ("drilled", without_row("intent"), "without an intent before it"),
]


@pytest.mark.parametrize(("way", "tamper", "words"), TAMPERING, ids=range(len(TAMPERING)))
def test_what_was_tampered_with_is_named(bundles, way, tamper, words):
    bundle = copy.deepcopy(bundles[way])
    tamper(bundle)

    assert any(words in each for each in found(bundle)), found(bundle)


def test_a_request_that_came_before_its_intent_is_named(bundles):
    """It is named even if every hash was recomputed, as the owner of the database could do."""
    bundle = copy.deepcopy(bundles["restored"])
    rows = bundle["audit"]["rows"]
    intent = next(row for row in rows if row["kind"] == "intent")
    request = next(row for row in rows if row["kind"] == "request")
    intent["seq"], request["seq"] = request["seq"], intent["seq"]
    rows.sort(key=lambda row: row["seq"])
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and row["seq"] == before["seq"] + 1:
            row["prev"] = before["hash"]
        row["hash"] = hash_of(row, None)

    assert any("without an intent before it" in each for each in found(bundle))


# Its own reading of the rules is the bot's


ROLES = st.sampled_from(["dba", "owner", "dev"])


@given(st.dictionaries(ROLES, st.integers(1, 3)), st.lists(st.sets(ROLES), max_size=6))
def test_its_matching_is_the_bots(needed, voters):
    assert satisfied(needed, voters) is not bool(missing_approvals(needed, voters))


@pytest.mark.parametrize("kind", RequirementKind)
def test_its_words_for_a_need_are_the_bots(kind):
    roles = {"dba": 2, "owner": 1} if kind is RequirementKind.APPROVAL else {}
    one = ApprovalCondition(kind=kind, roles=roles, freeze=(ChangeFreeze(),), rule="one")
    other = ApprovalCondition(kind=RequirementKind.APPROVAL, roles={"dba": 1, "boss": 1}, rule="other")

    for need in (ApprovalRequirement.of(one), ApprovalRequirement.of(one, other)):
        stored = need.model_dump(mode="json")
        assert (need_words(stored), need_rule(stored)) == (need.audit_words(), need.rule)


# The program


def program(tmp_path, *arguments, environment=None):
    """Run a copy of the folder alone, as somebody without the bot and without packages would."""
    folder = tmp_path / "alone"
    shutil.copytree(Path(bot.__file__).parent / "audit" / "evidence", folder / "evidence", dirs_exist_ok=True)
    return subprocess.run(  # noqa: S603 - our own folder, copied
        [sys.executable, "-I", "-S", str(folder / "evidence"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment or {},
    )


def written(tmp_path, bundle):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def test_it_stands_on_the_standard_library_and_itself():
    files = sorted((Path(bot.__file__).parent / "audit" / "evidence").iterdir())
    trees = [ast.parse(each.read_text(encoding="utf-8")) for each in files if each.suffix == ".py"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}

    assert len(trees) > 1
    assert {each.partition(".")[0] for each in names} <= sys.stdlib_module_names


def test_the_program_says_what_holds(bundles, tmp_path):
    bundle = bundles["restored"]
    done = program(tmp_path, written(tmp_path, bundle))
    said, *named = done.stdout.splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    change, plan, rows = bundle["change"], bundle["plan"], bundle["audit"]["rows"]
    assert said == (
        f"{change['id']} ({plan['action']}), done: its {len(rows)} audit rows, {rows[0]['seq']} to "
        f"{rows[-1]['seq']}, prove every word in it but for what is not covered."
    )
    assert named == [f"Not covered: {each}." for each in NOT_COVERED]


def test_the_program_names_the_first_thing_that_does_not_hold(bundles, tmp_path):
    bundle = copy.deepcopy(bundles["restored"])
    with_another_voter(bundle)
    with_no_reviewer(bundle)
    bundle["digest"] = "0" * 64
    path = written(tmp_path, bundle)
    done = program(tmp_path, path)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{path} does not hold: the digest is not that of the plan.\n"


def test_it_runs_as_a_module_of_the_bot(bundles, tmp_path):
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bot.audit.evidence", str(written(tmp_path, bundles["restored"]))],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(bot.__file__).parents[1],
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_what_it_prints_of_a_file_moves_no_cursor(bundles, tmp_path):
    bundle = copy.deepcopy(bundles["restored"])
    bundle["audit"]["rows"][0]["seq"] = "\x1b[2J\n0"
    done = program(tmp_path, written(tmp_path, bundle))

    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", "null", "\x00", "[" * 100_000, '"pgbot-evidence-2"'),
        *(
            '{"format": "pgbot-evidence-1"}',
            '{"format": "pgbot-evidence-2"}',
            '{"format": "pgbot-evidence-9"}',
        ),
        '{"format": "pgbot-evidence-2", "format": "pgbot-evidence-2"}',
    ],
)
def test_what_is_no_bundle_is_exit_code_2(tmp_path, content):
    path = tmp_path / "file.json"
    path.write_text(content, encoding="utf-8")
    done = program(tmp_path, path)

    assert (done.returncode, done.stderr) == (2, "")
    assert "could not be checked" in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_a_missing_file_is_exit_code_2(tmp_path):
    assert program(tmp_path, tmp_path / "nothing.json").returncode == 2


def rehashed(bundle, key, mode="hmac:v2:"):
    """Return the same bundle, hashed by somebody who has that key, or with `mode` v2: by anybody."""
    touched = copy.deepcopy(bundle)
    audit = touched["audit"]
    shown, links = {row["seq"]: row for row in audit["rows"]}, dict(audit.get("links", []))
    before = audit["rows"][0]["prev"]
    for seq in range(audit["rows"][0]["seq"], audit["head"]["seq"] + 1):
        if seq in shown:
            shown[seq] |= {"prev": before, "hash": mode}
            before = shown[seq]["hash"] = hash_of(shown[seq], key)
        elif seq in links:
            link = {"content": links[seq], "prev": before, "seq": seq}
            before = _hash(link, key if mode.startswith("hmac:") else None, "v2:")
    audit["head"]["hash"] = before
    return touched


def keyed(bundle, key):
    """Return the same bundle, as an audit log with a key has it."""
    return rehashed(bundle, key)


@pytest.mark.parametrize(("given_key", "code"), [(None, 2), ("secret-of-the-log", 0), ("another-secret", 1)])
def test_rows_with_a_key_need_it(bundles, tmp_path, given_key, code):
    path = written(tmp_path, keyed(bundles["restored"], b"secret-of-the-log"))
    arguments = [] if given_key is None else ["--key", "env:AUDIT_KEY"]
    done = program(tmp_path, path, *arguments, environment={"AUDIT_KEY": given_key or ""})

    assert done.returncode == code
    assert "secret" not in done.stdout + done.stderr


def test_rows_without_the_key_that_was_given_are_no_rows_of_that_log(bundles):
    assert "its audit rows were not written with the key that was given" in problems(
        bundles["restored"], b"secret-of-the-log"
    )


# Forgeries without the key

LOG_KEY = b"secret-of-the-log"


def forged(bundle):
    """Return a bundle in which somebody else voted, with rows that anybody can hash."""
    touched = copy.deepcopy(bundle)
    for row in touched["audit"]["rows"]:
        if row["outcome"] == "approved":
            row["actor"] = row["actor"].replace("U0BOB", "U0EVE")
    return rehashed(touched, None, "v2:")


def in_earlier_format(bundle):
    """Return the same without the chain between its rows, as earlier releases made it."""
    touched = copy.deepcopy(bundle)
    del touched["audit"]["links"]
    return touched | {"format": "pgbot-evidence-2"}


@pytest.mark.parametrize("form", [lambda bundle: bundle, in_earlier_format], ids=["3", "2"])
def test_an_invented_bundle_is_not_proven_by_one_genuine_row_behind_it(bundles, form):
    genuine = keyed(bundles["restored"], LOG_KEY)
    invented = forged(bundles["restored"])
    invented["audit"]["rows"][-1] = genuine["audit"]["rows"][-1]
    invented["audit"]["head"] = genuine["audit"]["head"]

    assert "nothing proves that they are of one log" in " ".join(problems(form(invented), LOG_KEY))


@pytest.mark.parametrize("form", [lambda bundle: bundle, in_earlier_format], ids=["3", "2"])
def test_rows_before_a_gap_that_are_hashed_again_without_the_key_are_not_believed(bundles, form):
    honest = keyed(bundles["restored"], LOG_KEY)
    seqs = [row["seq"] for row in honest["audit"]["rows"]]
    gap = max(at for at in range(1, len(seqs)) if seqs[at] != seqs[at - 1] + 1)
    honest["audit"]["rows"][:gap] = forged(bundles["restored"])["audit"]["rows"][:gap]

    assert "nothing proves that they are of one log" in " ".join(problems(form(honest), LOG_KEY))


@pytest.mark.parametrize("form", [lambda bundle: bundle, in_earlier_format], ids=["3", "2"])
def test_a_bundle_without_any_keyed_row_is_not_of_a_log_with_a_key(bundles, form):
    found = list(problems(form(forged(bundles["restored"])), LOG_KEY))

    assert "its audit rows were not written with the key that was given" in found


@given(data=st.data())
def test_whatever_is_forged_without_the_key_is_found_with_it(bundles, data):
    bundle = keyed(data.draw(st.sampled_from([bundles["restored"], bundles["reviewed"]])), LOG_KEY)
    rows = bundle["audit"]["rows"]
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    row[data.draw(st.sampled_from(["actor", "roles", "outcome", "kept", "at", "detail"]))] = "x"
    modes = {"as it was": lambda: None, "unkeyed": lambda: row.update(hash="v2:")}
    modes["another key"] = lambda: row.update(hash="hmac:v2:")
    mode = data.draw(st.sampled_from(sorted(modes)))
    modes[mode]()
    if mode != "as it was":
        row["hash"] = hash_of(row, b"some other key, of his own")
    if data.draw(st.booleans()):
        bundle = in_earlier_format(bundle)

    assert first_with(bundle, LOG_KEY)


def first_with(bundle, key):
    try:
        return next(problems(bundle, key), "")
    except UnreadableBundle as error:
        return str(error)


def test_a_link_that_is_missing_ties_nothing(bundles):
    bundle = copy.deepcopy(bundles["restored"])
    (seq, _) = bundle["audit"]["links"].pop(0)

    words = f"audit row {seq} is missing, so nothing ties the rows before it to those after it"
    assert words in found(bundle)


def test_an_earlier_unkeyed_bundle_says_which_rows_nothing_ties(bundles, tmp_path):
    done = program(tmp_path, written(tmp_path, in_earlier_format(bundles["restored"])))

    assert done.returncode == 0
    assert "without the rows between, nothing ties them to those after, and anybody can hash" in done.stdout


def test_an_earlier_keyed_bundle_says_that_rows_may_be_missing(bundles, tmp_path):
    path = written(tmp_path, in_earlier_format(keyed(bundles["restored"], LOG_KEY)))
    done = program(tmp_path, path, "--key", "env:AUDIT_KEY", environment={"AUDIT_KEY": LOG_KEY.decode()})

    assert done.returncode == 0
    assert "the key proves each row only by itself" in done.stdout


def test_no_content_of_others_is_in_a_bundle(bundles):
    bundle = bundles["restored"]

    assert len(bundle["audit"]["links"]) >= 3
    assert "audit_kit" not in json.dumps(bundle)
    assert "orders-1 " not in json.dumps(bundle["audit"])


@pytest.mark.parametrize("key", [None, LOG_KEY], ids=["unkeyed", "keyed"])
def test_a_bundle_is_compared_with_anchors(bundles, tmp_path, key):
    bundle = bundles["restored"] if key is None else keyed(bundles["restored"], key)
    head = bundle["audit"]["head"]
    arguments = [] if key is None else ["--key", "env:AUDIT_KEY"]
    environment = {"AUDIT_KEY": LOG_KEY.decode()}

    def check(line):
        (tmp_path / "anchors").write_text(f"Audit log up to row 12\n`{line}`\n")
        extra = [*arguments, "--anchors", tmp_path / "anchors"]
        return program(tmp_path, written(tmp_path, bundle), *extra, environment=environment)

    fits = check(f"pgbot-audit seq={head['seq']} hash={head['hash']} at=2026-11-23T10:00:00+00:00")
    wrong = head["hash"][:-1] + ("1" if head["hash"][-1] == "0" else "0")
    other = check(f"pgbot-audit seq={head['seq']} hash={wrong} at=2026-11-23T10:00:00+00:00")
    later = check(f"pgbot-audit seq={head['seq'] + 9} hash={head['hash']} at=2026-11-23T10:00:00+00:00")

    assert (fits.returncode, "are those of the log" in fits.stdout) == (0, False)
    assert (other.returncode, "is anchored with another hash" in other.stdout) == (1, True)
    assert (later.returncode, "none of the anchors is of its rows" in later.stdout) == (1, True)


# Bundles and rows of earlier releases


EARLIER = sorted((Path(__file__).parent / "bundles").iterdir())
"""Bundles that the release before wrote, of people in Slack and at the terminal."""


def earlier(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_an_earlier_bundle_holds_and_says_what_it_does_not_cover(path, tmp_path):
    done = program(tmp_path, path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("because an earlier release wrote the row of its plan") == 5
    assert "which Slack person somebody at the terminal is, whose row does not say so" in done.stdout


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_what_an_earlier_bundle_can_prove_it_proves(path):
    bundle = earlier(path)
    wholly = {each for gap in gaps(bundle) if not is_omission(gap) for each in gap.paths}
    by_name = {".".join(str(key) for key in each if not isinstance(key, int)) for each in wholly}

    assert unnoticed(bundle) == []
    assert by_name <= NOT_COVERED_EARLIER | {"votes.voter", "change.requester.id"}


def test_an_earlier_row_of_slack_says_who_it_was():
    bundle = earlier(next(each for each in EARLIER if "restored" in each.name))
    paths = {path for gap in gaps(bundle) for path in gap.paths}

    assert ("votes", 0, "voter") not in paths
    assert ("votes", 1, "voter") in paths
    assert ("change", "requester", "id") not in paths


# Who gets one


async def asked_under(trace, terminal):
    """Request a change as Slack delivers it, with a trace that no other command has."""
    rows = terminal.kernel.dispatcher.changes.rows
    known = {each.id for each in await rows.latest()}
    invocation = replace(terminal.invocation("restore orders-staging --to 2h", ALICE), trace=trace)
    assert (await terminal.kernel.dispatcher.dispatch(invocation)).ok
    return next(each for each in await rows.latest() if each.id not in known)


async def test_what_began_before_the_log_had_a_key_gets_no_bundle_of_both_kinds_of_rows(
    tmp_path, monkeypatch
):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        record = await asked_under("one", terminal)
    monkeypatch.setenv("AUDIT_KEY", "0123456789abcdef")
    later = {"PGBOT_AUDIT__KEY": "env:AUDIT_KEY"}
    async with terminal_site(tmp_path, monkeypatch, environment=later) as terminal:
        before = await terminal.run(f"change show {record.id} --bundle", BOB)
        assert (await terminal.run(f"change approve {record.id}", BOB)).ok
        refused = await terminal.run(f"change show {record.id} --bundle", BOB)
        fresh = await bundled(terminal, await asked_under("another", terminal))

    [file] = [part for part in before.parts if isinstance(part, File)]
    assert list(problems(json.loads(file.content))) == []
    assert "began before the audit log had a key" in refused.title
    assert list(problems(fresh, b"0123456789abcdef")) == []


async def test_who_may_not_read_the_audit_gets_no_bundle(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        record = await ask(terminal, PROD, ALICE)
        refused = await terminal.run(
            f"change show {record.id} --bundle", replace(ALICE, origin=Origin.SLACK, id="U0ALICE")
        )
        given_to_auditor = await terminal.run(f"change show {record.id} --bundle", VERA)

    assert "you may not read the audit log" in refused.title
    assert given_to_auditor.ok
