"""Secrets are found by reference and taken out of every text."""

import shlex
import sys

import pytest
from example_counts import examples
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.commands.tokenizer import quote_word
from bot.domain.errors import ConfigError
from bot.domain.redaction import HIDDEN, redact, remember_secrets
from bot.settings.secrets import CommandReference, describe_reference, resolve_secret, resolve_token

JWT = "eyJ0eXAiOiJKV1QiLCJraWQi.eyJpc3MiOiJpb25vc2Nsb3VkIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        "token xoxb-123-456-abc",
        "token xapp-1-A1-2-abc",
        "token xoxe.xoxp-1-abc",
        "see https://hooks.slack.com/commands/T1/2/abc",
        "Authorization: Bearer abcdefghij",
        "Authorization: Basic dXNlcjpwYXNz",
        f"it is {JWT}",
        "postgres://user:abcdef@db/orders",
        "ALTER ROLE orders PASSWORD 'abc''def'",
        "--password=abcdef",
        '{"password": "abcdef"}',
    ],
)
def test_what_looks_like_a_secret_is_hidden(text):
    words = redact(text)

    assert HIDDEN in words
    for part in ("abc", "def", "dXNl", "eyJ", "T1/2"):
        assert part not in words


@pytest.mark.parametrize(
    "text", ["cluster list --state BUSY", "the password rules of v2", "https://ionos.com/x"]
)
def test_ordinary_words_stay(text):
    assert text == redact(text)


@pytest.mark.anyio
async def test_a_secret_comes_from_environment_file_or_command_and_is_hidden_from_then_on(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("PGBOT_TEST_SECRET", "from-environment")
    (tmp_path / "secret").write_text("from-the-file\n")
    command = CommandReference(command=(sys.executable, "-c", "print('from-the-command')"))

    values = [
        (await resolve_secret(each)).get_secret_value()
        for each in ("env:PGBOT_TEST_SECRET", f"file:{tmp_path / 'secret'}", command)
    ]

    assert values == ["from-environment", "from-the-file", "from-the-command"]
    assert redact(" ".join(values)) == " ".join([HIDDEN] * 3)


SECRETS = [
    " outer blanks ",
    "tab\t",
    "\ufeffmark",
    "two\nlines",
    "\r\n\r",
    "e\u0301",
    "no\u00a0break ",
    "'\"$\\",
]


@pytest.mark.anyio
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n", "\r", " \n"])
@pytest.mark.parametrize("secret", SECRETS)
async def test_a_secret_is_taken_byte_for_byte(monkeypatch, tmp_path, secret, end):
    """Of a file or a command, at most one line end is left out."""
    held = f"{secret}{end}"
    (tmp_path / "secret").write_bytes(held.encode())
    monkeypatch.setenv("PGBOT_TEST_SECRET", held)
    command = CommandReference(command=("/bin/cat", str(tmp_path / "secret")))

    from_environment, *others = [
        (await resolve_secret(each)).get_secret_value()
        for each in ("env:PGBOT_TEST_SECRET", f"file:{tmp_path / 'secret'}", command)
    ]

    last = next((each for each in ("\r\n", "\n") if held.endswith(each)), "")
    assert from_environment == held
    assert others == [held.removesuffix(last)] * 2


@pytest.mark.anyio
async def test_a_token_has_no_outer_blanks(monkeypatch):
    monkeypatch.setenv("PGBOT_TEST_SECRET", " xoxb-canary-7 \n")

    token = (await resolve_token("env:PGBOT_TEST_SECRET")).get_secret_value()

    assert token == "xoxb-canary-7"
    assert redact(f"it is {token}") == f"it is {HIDDEN}"
    monkeypatch.setenv("PGBOT_TEST_SECRET", " \n")
    with pytest.raises(ConfigError, match="is empty"):
        await resolve_token("env:PGBOT_TEST_SECRET")


@pytest.mark.anyio
async def test_a_secret_that_is_no_text_is_refused_and_not_mended(tmp_path):
    (tmp_path / "secret").write_bytes(b"canary\xff")
    for reference in (
        f"file:{tmp_path / 'secret'}",
        CommandReference(command=("/bin/cat", str(tmp_path / "secret"))),
    ):
        with pytest.raises(ConfigError, match="UTF-8") as caught:
            await resolve_secret(reference)
        assert "canary" not in str(caught.value)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("env:PGBOT_TEST_MISSING", "The environment variable PGBOT_TEST_MISSING is not set"),
        ("file:/no/such/secret", "Can’t read the secret file /no/such/secret: No such file"),
        (
            CommandReference(command=("/no/such/program", "canary-argument")),
            "The secret command /no/such/program can’t be run",
        ),
        (CommandReference(command=(sys.executable, "-c", "raise SystemExit(3)")), "exited with 3"),
        (CommandReference(command=(sys.executable, "-c", "")), "is empty"),
    ],
)
async def test_a_secret_that_is_not_there_is_an_error_that_names_the_reference_only(reference, expected):
    with pytest.raises(ConfigError) as caught:
        await resolve_secret(reference)

    assert expected in str(caught.value)
    assert "canary-argument" not in str(caught.value)


def test_a_command_reference_is_shown_by_its_program_only():
    assert describe_reference(CommandReference(command=("pass", "show", "ionos"))) == "command pass"


@pytest.mark.parametrize(
    "text",
    [
        "user create orders --password canary-9",
        "user create orders --password=canary-9 --json",
        "user create orders --password = canary-9",
        'user create orders --password "canary-9 and more"',
        "user create orders --password=“canary-9 and more”",
        "user create orders —password ‘canary-9 and more’",
        "user create orders --new-password can'ary-9'canary-9",
        'user create orders --password "canary-9 not closed',
        'user create orders --password "a\\"canary-9"',
        "user create orders --password a\\ canary-9",
        "login --token canary-9",
        "login --TOKEN canary-9",
        "login -token canary-9",
        "login --token --secret canary-9",
        "login --secret=--canary-9",
        '{\\"password\\": \\"a canary-9\\"}',
        "password = 'it''s canary-9'",
        'password="a canary-9 cut',
        '{"password": "a\\"canary-9"}',
        "user create orders olga canary-9",
        "/pg user password orders olga canary-9 and more",
        "user create orders ol\\ ga canary-9",
        'user create "orders prod" olga\\\\ “canary-9',
    ],
)
def test_the_value_of_a_secret_flag_is_hidden_however_it_is_quoted(text):
    words = redact(text)

    assert "canary-9" not in words
    assert HIDDEN in words
    assert redact(words) == words


PIECES = st.sampled_from(
    ["a", " ", "'", '"', "`", "\\", "-", "“", "‘", "\t", "$", "canary-9", "é", "=", "\n"]
)
TYPED = st.lists(PIECES, max_size=8).map("".join)


@given(
    before=TYPED,
    behind=TYPED,
    quote=st.sampled_from([shlex.quote, quote_word]),
    line=st.sampled_from(
        [
            "user create orders olga --password {}",
            "login --token={}",
            "--new-secret {} --json",
            "—password {}",
            "/pg user create orders olga {}",
            "user password 'my cluster' olga {} x",
        ]
    ),
)
@settings(max_examples=examples(100, 300))
def test_a_quoted_secret_is_hidden_whatever_is_in_it(before, behind, quote, line):
    secret = f"{before}canary-9{behind}"
    assume("--" in line or not secret.startswith("-"))  # in a place of its own that would be a flag

    assert "canary-9" not in redact(line.format(quote(secret)))


def test_only_the_value_of_a_secret_flag_is_hidden():
    assert redact("user create a --password x y --json") == f"user create a --password {HIDDEN} y --json"
    assert (
        redact("login --password-length 20 --secretary olga") == "login --password-length 20 --secretary olga"
    )


@pytest.mark.parametrize("cut", [40, 60, 80])
def test_a_web_token_that_was_cut_is_hidden_too(cut):
    assert "eyJ" not in redact(f"no cluster “{'eyJ' + 'a' * 100}"[:cut] + "…”")


def test_a_known_secret_is_hidden_in_other_letters_and_also_when_another_begins_it():
    remember_secrets(["Canary-Long", "Canary-Long-And-Longer"])

    assert redact("canary-long-and-longer CANARY-LONG") == f"{HIDDEN} {HIDDEN}"


def test_a_token_that_begins_like_a_known_one_is_hidden_to_its_end():
    remember_secrets(["xoxb-12"])

    assert redact("token xoxb-123-456-abc, and on") == f"token {HIDDEN}, and on"


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER ROLE a PASSWORD E'x\\'canary-9'",
        "ALTER ROLE a PASSWORD /* new */ $x$canary-9$$still$x$",
        "ALTER ROLE a PASSWORD 'canary-9 cut off\\",
    ],
)
def test_a_password_in_sql_is_hidden_wherever_redact_is_asked(sql):
    assert redact(sql).endswith(HIDDEN)
    assert "canary-9" not in redact(sql)


@pytest.mark.parametrize(
    "text",
    [
        "password" + "/**/" * 5_000 + "x",
        "password/*" * 5_000,
        "password--" * 5_000,
        "--password " * 5_000,
        "--a-" * 5_000,
        "eyJ" + "a" * 50_000,
        "password '" + "\\" * 50_001,
        "/pg user create " + "\\" * 50_001,
        "user create " + '\\"' * 25_000,
        "--password\n" * 5_000,
        "-BEGIN PRIVATE KEY " + "END " * 10_000,
    ],
    ids=[
        *("comments", "open comments", "line comments", "flags", "dashes", "token", "backslashes"),
        *("typed backslashes", "typed quotes", "lines", "ends of keys"),
    ],
)
def test_no_text_takes_long(text):
    """Database logs contain text of strangers. A pattern that backtracks would take hours here."""
    assert len(redact(text)) <= len(text) + 9 * text.count("password")
