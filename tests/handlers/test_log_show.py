"""`log show`: a window of a cluster's log, newest first, without secrets; the whole as a file."""

import re
from dataclasses import replace

import pytest
from terminal_site import OPERATOR

from bot.domain.reply import Choices, Code, File, Warn
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.slack.message_renderer import render

pytestmark = pytest.mark.anyio
STAMP = re.compile(r"^\S+Z(?= \[)", re.MULTILINE)


def part_of(reply, kind):
    return next((part for part in reply.parts if isinstance(part, kind)), None)


def count_log_requests(terminal):
    return terminal.cloud.calls.count(path="/clusters/{clusterId}/logs")


async def test_the_newest_lines_stand_in_the_message_and_all_of_them_in_a_file(terminal, fields):
    reply = await terminal.run("log show orders-prod --since 6h")

    shown, file = part_of(reply, Code).text, part_of(reply, File)
    whole = file.content.decode()
    assert reply.title == "orders-prod: 240 log lines"
    assert fields(reply)["Window"] == "2026-11-23 03:00 UTC to 2026-11-23 09:00 UTC"
    assert file.name == "orders-prod-log.txt"
    assert len(whole.splitlines()) == 240
    assert whole.startswith(shown)
    assert 10 < len(shown.splitlines()) <= 30
    assert STAMP.findall(whole) == sorted(STAMP.findall(whole), reverse=True)
    data = make_document(reply)["data"]
    assert (data["since"], len(data["lines"]), data["is_cut"]) == ("2026-11-23T03:00:00Z", 240, False)
    assert "Summer-" not in str(data["lines"])


async def test_what_fits_into_the_message_needs_no_file(terminal):
    reply = await terminal.run("log show orders-prod --since 10m")

    assert part_of(reply, File) is None
    assert reply.title == f"orders-prod: {len(part_of(reply, Code).text.splitlines())} log lines"


async def test_slack_gets_the_one_file_and_no_second_for_the_message(terminal):
    message = render(await terminal.run("log show orders-prod --since 6h"))

    assert [file.name for file in message.files] == ["orders-prod-log.txt"]


async def test_no_password_of_the_log_is_shown_or_can_be_searched_for(terminal):
    everything = await terminal.run("log show orders-prod --since 6h")
    searched = await terminal.run("log show orders-prod --since 6h --grep Summer-")

    assert b"WITH PASSWORD [hidden]" in part_of(everything, File).content
    assert b"Summer-" not in part_of(everything, File).content
    assert searched.title == "orders-prod: 0 log lines of 240"


async def test_grep_is_plain_text_in_any_case(terminal):
    reply = await terminal.run("log show orders-prod --since 6h --grep 'DURATION: '")
    pattern = await terminal.run("log show orders-prod --since 6h --grep 'dur.tion'")

    lines = part_of(reply, Code).text.splitlines()
    assert lines
    assert all("duration:" in line for line in lines)
    assert "of 240" in reply.title
    assert "No line contains that text." in render_plain(pattern)


async def test_one_instance_can_be_asked_for(terminal):
    first = await terminal.run("log show orders-prod --since 30m --instance 0")
    both = await terminal.run("log show orders-prod --since 30m")
    none = await terminal.run("log show orders-prod --since 30m --instance 7")

    assert all("Z [0] " in line for line in part_of(first, Code).text.splitlines())
    assert {line.split()[1] for line in part_of(both, Code).text.splitlines()} == {"[0]", "[1]"}
    assert "No line is from instance 7." in render_plain(none)


async def test_the_limit_is_said_when_it_cut_and_a_button_has_the_older_lines(terminal):
    reply = await terminal.run("log show orders-prod --since 6h --limit 100")

    choice = part_of(reply, Choices).choices[0]
    older = await terminal.run(choice.command)
    assert "Only 100 lines were read" in part_of(reply, Warn).text
    assert "They reach back to 2026-11-23 06:30" in part_of(reply, Warn).text
    assert part_of(older, Warn) is None
    lines = [line for each in (reply, older) for line in part_of(each, File).content.splitlines()]
    whole = part_of(await terminal.run("log show orders-prod --since 6h"), File)
    assert set(lines) == set(whole.content.splitlines())


async def test_a_window_of_times_is_the_askers_local_one(terminal, fields):
    berliner = replace(OPERATOR, time_zone="Europe/Berlin")

    reply = await terminal.run(
        "log show orders-prod --since 2026-11-23T08:00 --until 2026-11-23T07:30Z", berliner
    )

    assert fields(reply)["Window"] == "2026-11-23 07:00 UTC to 2026-11-23 07:30 UTC"
    assert reply.title == "orders-prod: 20 log lines"


async def test_all_that_is_kept_can_be_asked_for(terminal, fields):
    reply = await terminal.run("log show orders-prod --since 30d --limit 5000")

    assert fields(reply)["Window"].startswith("2026-10-24 09:00 UTC")
    assert "5,000 log lines" in reply.title


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--since 31d", "--since is 31 days ago, and logs are kept for 30 days."),
        ("--since 1h --until 2h", "is not after --since"),
        ("--since 1h --until 1h", "is not after --since"),
        ("--since 2026-11-24T09:00Z", "--since is in the future"),
        ("--until 2026-11-23T09:01Z", "--until is in the future"),
        ("--since soon", "I can't read “soon” as a time."),
        ("--limit 99", "at least 100"),
        ("--limit 5001", "at most 5000"),
        ("--instance -1", "at least 0"),
        ("--grep ''", "at least 1 character"),
    ],
)
async def test_a_window_that_cannot_be_is_refused_before_any_call(terminal, flags, words):
    reply = await terminal.run(f"log show orders-prod {flags}")

    assert not reply.ok
    assert words in reply.title
    assert terminal.cloud.calls.count() == 0


async def test_no_lines_is_said(terminal):
    for each in terminal.cloud.everything():
        each.created_at = terminal.kernel.clock.now()

    reply = await terminal.run("log show orders-staging --since 30s")

    assert reply.ok
    assert "The log has no lines in this window." in render_plain(reply)


@pytest.mark.parametrize(("enabled", "words"), [(True, "logsEnabled is on"), (False, "logsEnabled is off")])
async def test_on_v2_the_answer_says_where_the_logs_go(terminal, enabled, words):
    payments = next(each for each in terminal.cloud.everything() if each.name == "payments-prod")
    payments.switches["logs_enabled"] = enabled

    reply = await terminal.run("log show payments-prod")

    assert not reply.ok
    assert "v2 API does not support reading logs" in reply.title
    assert words in render_plain(reply)
    assert "observability service" in render_plain(reply)
    assert count_log_requests(terminal) == 0


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Customer data (EU), 2nd copy!", "Customer-data-EU-2nd-copy-log.txt"),
        ("<!channel>", "channel-log.txt"),
        ("سجل-الطلبات", "سجل-الطلبات-log.txt"),
    ],
)
async def test_a_file_is_named_after_its_cluster_without_what_a_path_does_not_take(terminal, name, file):
    cluster = next(each for each in terminal.cloud.everything() if each.name == name)

    assert part_of(await terminal.run(f"log show {cluster.id} --since 5h"), File).name == file


async def test_a_log_that_cannot_be_read_is_a_sentence(terminal):
    await terminal.fault(kind="status", status=403, api="v1", path="/clusters/*/logs")

    reply = await terminal.run("log show orders-prod")

    assert not reply.ok
    assert "they lack the permission for this" in reply.title
