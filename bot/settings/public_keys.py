"""People's public keys, to which the bot encrypts the passwords that it makes."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated

import pyrage  # type: ignore[import-untyped]  # it ships no types
from pydantic import AfterValidator
from pyrage import ssh, x25519

from bot.domain.errors import BadArgument

KINDS = ("age1…", "ssh-ed25519 …", "ssh-rsa …")
"""Keys that age encrypts to without a plugin (age-encryption.org/v1): no ECDSA, no security keys."""

LEAST_RSA = 2_048
"""Bits of an RSA modulus below which a key protects nothing (NIST SP 800-131A)."""

_SSH = re.compile(r"(?P<kind>ssh-ed25519|ssh-rsa)\s+(?P<body>[A-Za-z0-9+/]+={0,2})(?:\s.*)?", re.DOTALL)
_PRIVATE = re.compile(r"(?i)AGE-SECRET-KEY-|PRIVATE KEY")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that can be encrypted to; `text` is its one line, without the comment at the end of SSH keys.

    `configured` tells a key of app.yaml from one of the person's own `/pg key set`.
    """

    text: str
    configured: bool = False

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint as `ssh-keygen -l` prints it; an age key is short enough to be its own."""
        kind, _, body = self.text.partition(" ")
        if not body:
            return kind
        digest = hashlib.sha256(base64.b64decode(body)).digest()
        return f"{kind} SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    def encrypt(self, secret: str) -> bytes:
        """Return an armored age file that only the owner of the private key can read."""
        kind = x25519 if self.text.startswith("age1") else ssh
        return bytes(pyrage.encrypt(secret.encode(), [kind.Recipient.from_str(self.text)], armored=True))


def public_key(typed: str) -> PublicKey:
    """Return the key that somebody typed or wrote into app.yaml. Raises BadArgument, without the text."""
    text = " ".join(typed.split())
    if _PRIVATE.search(text):
        raise BadArgument(
            "That is a private key, which you must never share. Create a new key pair.",
            "A public key starts with age1, ssh-ed25519 or ssh-rsa. For SSH, it is in the file ending "
            "in .pub.",
        )
    match = _SSH.fullmatch(text)
    key = PublicKey(f"{match['kind']} {match['body']}" if match else text)
    try:
        key.encrypt("a trial")
        weak = key.text.startswith("ssh-rsa") and _bits(key.text) < LEAST_RSA
    except (pyrage.RecipientError, pyrage.EncryptError, binascii.Error):
        raise BadArgument(
            "That is not a public key for encryption.", f"Use one of: {', '.join(KINDS)}."
        ) from None
    if weak:
        raise BadArgument(
            f"That RSA key has fewer than {LEAST_RSA} bits.", "Create a new key with ssh-keygen."
        )
    return key


def _bits(text: str) -> int:
    """Return the bits of an RSA modulus, the last length-prefixed field (RFC 4253, section 6.6)."""
    body, fields = base64.b64decode(text.partition(" ")[2]), []
    while body:
        length = int.from_bytes(body[:4], "big")
        fields.append(body[4 : 4 + length])
        body = body[4 + length :]
    return int.from_bytes(fields[-1], "big").bit_length()


def _key_text(value: str) -> str:
    try:
        return public_key(value).text
    except BadArgument as error:
        raise ValueError(error.sentence.rstrip(".")) from None


KeyText = Annotated[str, AfterValidator(_key_text)]
"""A public key in app.yaml."""
