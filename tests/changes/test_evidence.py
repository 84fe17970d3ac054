"""`change show --bundle` and `python -m bot.evidence`: what holds passes, whatever was touched is found."""

import copy
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from carrying_out import Works, hurry
from decisions import ALICE, BOB, CAROL, PROD, TEST, VERA, ask, now
from hypothesis import given
from hypothesis import strategies as st
from terminal_site import terminal_site

from bot import evidence
from bot.domain import Origin
from bot.need import Kind, Need
from bot.quorum import is_satisfied
from bot.reply import File

pytestmark = pytest.mark.anyio


async def bundled(terminal, record, actor=BOB):
    """The bundle of a change, as a file has it."""
    reply = await terminal.run(f"change show {record.id} --bundle", actor)
    assert reply.ok, reply
    [file] = [part for part in reply.parts if isinstance(part, File)]
    assert file.name == f"{record.id}-evidence.json"
    return json.loads(file.content)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Bundles of changes that went each of the ways there are. They are copied before they are touched."""

    async def made(patch):
        folder = tmp_path_factory.mktemp("site")
        async with terminal_site(folder, patch) as terminal, hurry(terminal):
            return {name: await bundled(terminal, await way(terminal)) for name, way in WAYS.items()}

    with pytest.MonkeyPatch.context() as patch:
        return anyio.run(made, patch)


async def restored(terminal):
    record = await ask(terminal, PROD, ALICE)
    for person in (BOB, CAROL):
        assert (await terminal.run(f"change approve {record.id}", person)).ok
    works = Works(terminal, ALICE)
    record = await works.claimed(record)
    await works.run(record)
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
    works = Works(terminal, ALICE)
    await works.run(await works.claimed(record))
    return record


async def drilled(terminal):
    works = Works(terminal)
    record = await works.approved("drill orders-prod")
    await works.run(record)
    return record


async def renamed(terminal):
    works = Works(terminal)
    record = await works.approved(TEST)
    await works.run(record)
    return record


async def waiting(terminal):
    return await ask(terminal, PROD, ALICE)


WAYS = {
    each.__name__: each for each in (restored, denied, taken_back, broken_glass, drilled, renamed, waiting)
}


@pytest.mark.parametrize("way", WAYS)
def test_an_honest_bundle_holds(bundles, way):
    assert evidence.problems(bundles[way]) == []


def test_it_holds_everything_that_is_asked_for(bundles):
    bundle = bundles["restored"]

    assert bundle["change"]["state"] == "done"
    assert bundle["change"]["requester"]["name"] == "alice"
    assert bundle["change"]["reason"] == "bad deploy"
    assert [vote["name"] for vote in bundle["votes"]] == ["bob", "carol"]
    [post] = [each for each in bundle["requests"] if each["method"] == "POST"]
    assert post["status"] == 202
    assert {"row", "url", "request_id", "attempt"} <= post.keys()
    assert bundle["timeline"][0]["words"].startswith("bob approved")
    assert bundle["audit"]["head"]["seq"] >= bundle["audit"]["rows"][-1]["seq"]


# Tampering


def leaves(value, path=()):
    """The way to every plain value in a nested one."""
    if isinstance(value, dict) and value:
        return [leaf for key, each in value.items() for leaf in leaves(each, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for key, each in enumerate(value) for leaf in leaves(each, (*path, key))]
    return [path]


def altered(bundle, path):
    """The same bundle with another value at that place."""
    touched = copy.deepcopy(bundle)
    place = touched
    for key in path[:-1]:
        place = place[key]
    value = place[path[-1]]
    place[path[-1]] = (
        f"{value}x"
        if isinstance(value, str)
        else (value or 0) + 1
        if not isinstance(value, (dict, list))
        else "x"
    )
    return touched


def found(bundle):
    try:
        return evidence.problems(bundle)
    except evidence.Unreadable as error:
        return [str(error)]


@pytest.mark.parametrize(
    ("way", "part"),
    [("drilled", "digested"), *[("restored", part) for part in ("digested", "rows", "requests", "digest")]],
)
def test_every_value_that_is_proven_is_missed_when_another(bundles, way, part):
    bundle = bundles[way]
    roots = {
        "digested": [("plan", name) for name in evidence.DIGESTED],
        "rows": [("audit", "rows")],
        "requests": [("requests",)],
        "digest": [("digest",)],
    }
    paths = [path for root in roots[part] for path in paths_below(bundle, root)]

    assert paths
    assert [path for path in paths if not found(altered(bundle, path))] == []


def paths_below(bundle, root):
    value = bundle
    for key in root:
        value = value[key]
    return [(*root, *leaf) for leaf in leaves(value)]


def without_row(kind):
    def tamper(bundle):
        rows = bundle["audit"]["rows"]
        rows.remove(next(row for row in rows if row["kind"] == kind))

    return tamper


def without_vote(bundle):
    del bundle["votes"][0]


def with_another_voter(bundle):
    bundle["votes"].append(
        {**bundle["votes"][0], "voter": "U0EVE", "name": "eve", "at": "2026-11-23T09:00:00.001+00:00"}
    )


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
    ("restored", with_another_voter, "no row of what eve said"),
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

    assert any(words in each for each in evidence.problems(bundle)), evidence.problems(bundle)


def test_a_request_that_came_before_its_intent_is_named(bundles):
    """Also when every hash was made anew, as whoever owns the database could."""
    bundle = copy.deepcopy(bundles["restored"])
    rows = bundle["audit"]["rows"]
    intent = next(row for row in rows if row["kind"] == "intent")
    request = next(row for row in rows if row["kind"] == "request")
    intent["seq"], request["seq"] = request["seq"], intent["seq"]
    rows.sort(key=lambda row: row["seq"])
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and row["seq"] == before["seq"] + 1:
            row["prev"] = before["hash"]
        row["hash"] = evidence._hash(row, None)

    assert any("without an intent before it" in each for each in evidence.problems(bundle))


# Its own reading of the rules is the bot's


ROLES = st.sampled_from(["dba", "owner", "dev"])


@given(st.dictionaries(ROLES, st.integers(1, 3)), st.lists(st.sets(ROLES), max_size=6))
def test_its_matching_is_the_bots(needed, voters):
    assert evidence.satisfied(needed, voters) == is_satisfied(needed, voters)


@pytest.mark.parametrize("kind", Kind)
def test_its_words_for_a_need_are_the_bots(kind):
    need = Need(kind=kind, roles={"dba": 2, "owner": 1} if kind is Kind.APPROVAL else {})

    assert evidence.need_words(need.model_dump(mode="json")) == need.words()


# The program


def program(tmp_path, *arguments, environment=None):
    """Run a copy of the module alone, as somebody without the bot and what it needs would."""
    copied = Path(shutil.copy(evidence.__file__, tmp_path / "evidence.py"))
    return subprocess.run(  # noqa: S603 - our own module, copied
        [sys.executable, "-I", "-S", str(copied), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment or {},
    )


def written(tmp_path, bundle):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def test_the_program_says_what_holds(bundles, tmp_path):
    done = program(tmp_path, written(tmp_path, bundles["restored"]))

    assert (done.returncode, done.stderr) == (0, "")
    assert ": done" in done.stdout.splitlines()[0]
    assert "audit rows" in done.stdout


def test_the_program_names_what_does_not_hold(bundles, tmp_path):
    bundle = {**bundles["restored"], "digest": "0" * 64}
    done = program(tmp_path, written(tmp_path, bundle))

    assert done.returncode == 1
    assert "Does not hold: the digest is not that of the plan." in done.stdout


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", '{"format": "pgbot-evidence-1"}', '{"format": "pgbot-evidence-9"}', "\x00"],
)
def test_what_is_no_bundle_is_exit_code_2(tmp_path, content):
    path = tmp_path / "file.json"
    path.write_text(content, encoding="utf-8")
    done = program(tmp_path, path)

    assert (done.returncode, done.stderr) == (2, "")
    assert "could not be checked" in done.stdout


def test_a_missing_file_is_exit_code_2(tmp_path):
    assert program(tmp_path, tmp_path / "nothing.json").returncode == 2


def keyed(bundle, key):
    """The same bundle, as an audit log with a key has it."""
    touched = copy.deepcopy(bundle)
    before = None
    for row in touched["audit"]["rows"]:
        if before is not None and row["seq"] == before["seq"] + 1:
            row["prev"] = before["hash"]
        row["hash"] = "hmac:"
        row["hash"] = evidence._hash(row, key)
        before = row
    touched["audit"]["head"] = {"seq": before["seq"], "hash": before["hash"]}
    return touched


@pytest.mark.parametrize(("given_key", "code"), [(None, 2), ("secret-of-the-log", 0), ("another-secret", 1)])
def test_rows_with_a_key_need_it(bundles, tmp_path, given_key, code):
    path = written(tmp_path, keyed(bundles["restored"], b"secret-of-the-log"))
    arguments = [] if given_key is None else ["--key", "env:AUDIT_KEY"]
    done = program(tmp_path, path, *arguments, environment={"AUDIT_KEY": given_key or ""})

    assert done.returncode == code
    assert "secret" not in done.stdout + done.stderr


# Who gets one


async def test_who_may_not_read_the_audit_gets_no_bundle(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        record = await ask(terminal, PROD, ALICE)
        refused = await terminal.run(
            f"change show {record.id} --bundle", replace(ALICE, origin=Origin.SLACK, id="U0ALICE")
        )
        given_to_auditor = await terminal.run(f"change show {record.id} --bundle", VERA)

    assert "you may not read that" in refused.title
    assert given_to_auditor.ok
