"""`bot.settings.public_keys`: accepted public keys, the words on others, and the readers of encrypted
text."""

import subprocess

import pyrage
import pytest
from pyrage import ssh, x25519

from bot.domain.errors import BadArgument
from bot.settings.public_keys import PublicKey, public_key

AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def make_key_pair(folder, kind, *more):
    """Make a key pair of OpenSSH; return the private half, and the line of the public one."""
    path = folder / kind
    command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "alice@example.com", "-f", str(path), *more]
    subprocess.run(command, check=True)  # noqa: S603 - a key of our own
    return path.read_bytes(), path.with_suffix(".pub").read_text()


@pytest.mark.parametrize(("kind", "more"), [("ed25519", ()), ("rsa", ("-b", "2048"))])
def test_what_is_encrypted_to_an_ssh_key_its_owner_can_read(tmp_path, kind, more):
    private, public = make_key_pair(tmp_path, kind, *more)
    key = public_key(f"  {public}  ")

    blob = key.encrypt("the password")
    assert pyrage.decrypt(blob, [ssh.Identity.from_buffer(private)]) == b"the password"
    assert b"the password" not in blob
    assert "alice" not in key.text
    listing = ["ssh-keygen", "-l", "-f", str(tmp_path / f"{kind}.pub")]
    said = subprocess.run(listing, check=True, capture_output=True, text=True).stdout  # noqa: S603 - as above
    assert key.fingerprint.split()[1] in said


def test_an_age_key_stands_for_itself_and_nobody_else_reads_it():
    identity, other = x25519.Identity.generate(), x25519.Identity.generate()
    key = public_key(str(identity.to_public()))

    assert key == PublicKey(str(identity.to_public()))
    assert key.fingerprint == key.text
    blob = key.encrypt("the password")
    assert pyrage.decrypt(blob, [identity]) == b"the password"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(blob, [other])


def test_a_short_rsa_key_and_an_ecdsa_key_are_refused(tmp_path):
    with pytest.raises(BadArgument):
        public_key(make_key_pair(tmp_path, "rsa", "-b", "1024")[1])
    with pytest.raises(BadArgument, match="not a public key for encryption"):
        public_key(make_key_pair(tmp_path, "ecdsa")[1])


@pytest.mark.parametrize(
    "typed",
    ["", "hello", "age1", AGE[:-1], "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa !!!!", f"{AGE} and more"],
)
def test_what_is_no_key_is_refused_in_words(typed):
    with pytest.raises(BadArgument, match="not a public key") as refused:
        public_key(typed)
    assert "age1…, ssh-ed25519 …" in refused.value.next_step


@pytest.mark.parametrize(
    "typed",
    ["AGE-SECRET-KEY-1CANARY", "-----BEGIN OPENSSH PRIVATE KEY----- CANARY", "age-secret-key-1canary"],
)
def test_a_private_key_is_refused_and_never_repeated(typed):
    with pytest.raises(BadArgument, match="private key") as refused:
        public_key(typed)
    assert "canary" not in str(refused.value).casefold()
