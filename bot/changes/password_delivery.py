"""Passwords that the bot makes: encrypted and stored before they are sent, delivered once they are in effect.

The order makes it safe: make, encrypt, store on disk, send, deliver, forget. A crash anywhere loses no
password that is in effect, and leaves none in clear behind.
"""

import asyncio
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]  # it ships no types
from pydantic import SecretStr
from pyrage import x25519

from bot.audit.records import AuditEntry
from bot.changes.notices import Notices
from bot.changes.password_store import KEY, SINK, EncryptedPassword, PasswordRows, PendingPassword
from bot.domain.cluster import Cluster
from bot.domain.errors import ConfigError, InputError, PgbotError, StoreError
from bot.domain.plan import Plan
from bot.domain.redaction import remember_secrets
from bot.domain.reply import Code, File, Note, Reply, Text
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.settings import password_sinks
from bot.settings.model import CredentialReferences, Settings
from bot.settings.public_keys import PublicKey
from bot.settings.secrets import resolve_secret

log = get_logger()

PASSWORD_LENGTH = 32
"""Characters of a password; the v1 API takes 10 to 63 (ionos-v1.openapi.yaml, User)."""

ALPHABET = string.ascii_letters + string.digits
"""No sign that a shell, a URL or a connection string would have to escape; 190 bits at that length."""

FIRST_RETRY = timedelta(seconds=10)
MAX_RETRY_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRoute:
    """The source or destination of a password, in words that the plan shows and its digest covers."""

    words: str
    key: PublicKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordDelivery:
    """Makes, stores and delivers passwords. `folder` holds a key for each running change, for sinks."""

    settings: Settings
    rows: PasswordRows
    folder: Path
    clock: Clock

    async def find_key(self, person: str) -> PublicKey | None:
        """Return the public key of a person, by Slack user id; None without one. That of app.yaml wins: no
        stolen Slack session changes it."""
        if person in self.settings.people_keys:
            return PublicKey(self.settings.people_keys[person], configured=True)
        kept = await self.rows.key(person)
        return PublicKey(kept) if kept else None

    async def find_route(self, person: str, reference: str = "") -> DeliveryRoute:
        """Return where a password would come from and go. Raises InputError with the next step where there is
        no route."""
        if reference:
            return DeliveryRoute(words=f"taken from {self._require_allowed(reference)}")
        if self.settings.handover is not None:
            return DeliveryRoute(words=f"made by the bot, for {self.settings.handover.words}")
        key = await self.find_key(person)
        if key is None:
            raise InputError(
                "The bot has no way to give you the new password: it never shows one in Slack.",
                "Store your public key first, with “key set age1…” or “key set ssh-ed25519 …”, or take the "
                "password from a secret reference with --from.",
            )
        return DeliveryRoute(words=f"made by the bot, encrypted to the key {key.fingerprint}", key=key)

    async def find_primary_user(self, cluster: Cluster) -> CredentialReferences | None:
        """Return the references to a cluster's primary user: those of app.yaml, else those that the bot made
        the cluster with, as long as app.yaml allows them."""
        found = self.settings.credentials(cluster)
        if found is not None or not cluster.id:
            return found
        return self.read_primary_user(await self.rows.find_creation(cluster.id))

    def read_primary_user(self, arguments: Mapping[str, Any]) -> CredentialReferences | None:
        """Return the primary user that the arguments of a new cluster name, None where they name none.

        Raises InputError for a reference that app.yaml does not allow.
        """
        reference = str(arguments.get("password_from") or "")
        if not reference:
            return None
        return CredentialReferences(
            username=str(arguments["user"]),
            password=self._require_allowed(reference),
            database=str(arguments["database"]),
        )

    async def provide_password(self, plan: Plan, change: str, person: str) -> SecretStr:
        """Return the password for a planned change, right before it is sent. One that is made here is on
        disk, encrypted, when this returns.

        Raises InputError when the route has changed since the plan, ConfigError or StoreError.
        """
        reference = str(plan.arguments.get("from", ""))
        route = await self.find_route(person, reference)
        if route.words != plan.order["password"]:
            raise InputError(
                f"The approved plan has a password {plan.order['password']}, which no longer applies.",
                "Request it again.",
            )
        if reference:
            return await resolve_secret(reference)
        password = generate_password()
        remember_secrets([password])
        await self._store(password, route, change, person, str(plan.order["user"]))
        return SecretStr(password)

    async def deliver_due(self, notices: Notices) -> None:
        """Hand over what is due and forget what came to nothing. What fails is tried again later."""
        for waiting in await self.rows.useless():
            await self._forget(waiting, "not needed", "")
        for waiting in await self.rows.due(self.clock.now()):
            try:
                await self._deliver(waiting, notices)
            except StoreError:
                raise
            except (PgbotError, OSError, pyrage.DecryptError) as error:
                await self._try_later(waiting, error)

    def _require_allowed(self, reference: str) -> str:
        if not password_sinks.is_allowed(reference, self.settings.password_references):
            raise InputError(
                "This password reference is not allowed.",
                "Use env:NAME or file:PATH, as listed under password_references in app.yaml.",
            )
        return reference

    async def _store(self, password: str, route: DeliveryRoute, change: str, person: str, user: str) -> None:
        if route.key is not None:
            place, shown = KEY, route.key.fingerprint
            blob = await asyncio.to_thread(route.key.encrypt, f"{password}\n")
        else:
            place, shown = SINK, self.settings.handover.words if self.settings.handover else ""
            blob = await asyncio.to_thread(self._encrypt, change, password)
        encrypted = EncryptedPassword(
            change=change, person=person, user=user, place=place, shown=shown, blob=blob
        )
        await self.rows.keep(encrypted, self.clock.now())

    # A sink takes clear text, so its key lives as long as the change does. Deleting the key also makes
    # what is left of the blob in the database's pages unreadable.

    def _key_file(self, change: str) -> Path:
        return self.folder / f"{change}.key"

    def _encrypt(self, change: str, password: str) -> bytes:
        identity = x25519.Identity.generate()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            password_sinks.write_private(self._key_file(change), str(identity))
        except OSError as error:
            raise StoreError(
                f"The folder {self.folder.name} can't be written ({error.strerror}).", "Check PGBOT_DATA."
            ) from None
        return bytes(pyrage.encrypt(password.encode(), [identity.to_public()]))

    def _decrypt(self, waiting: PendingPassword) -> str:
        identity = x25519.Identity.from_str(self._key_file(waiting.change).read_text())
        password = bytes(pyrage.decrypt(waiting.blob, [identity])).decode()
        remember_secrets([password])  # another process may have made it
        return password

    async def _deliver(self, waiting: PendingPassword, notices: Notices) -> None:
        if waiting.place == SINK:
            settings = self.settings.handover
            if settings is None:
                raise ConfigError("app.yaml no longer has a handover section.", "Put it back.")
            password = await asyncio.to_thread(self._decrypt, waiting)
            await password_sinks.put_password(settings, waiting.label, password)
        else:
            await notices.post(waiting.person, delivery_message(waiting), key=f"{waiting.change}:password")
        words = f"The password of {waiting.user} was delivered: {waiting.shown}."
        await self._forget(waiting, "handed over", words)

    async def _forget(self, waiting: PendingPassword, outcome: str, words: str) -> None:
        now = self.clock.now()
        entry = AuditEntry(
            at=now,
            kind="change",
            trace=waiting.change,
            team=waiting.team,
            actor=waiting.actor,
            channel="",
            command=waiting.command,
            outcome=outcome,
            detail=waiting.shown,
            change=waiting.change,
            digest=waiting.digest,
            clusters=frozenset({waiting.cluster_id} - {""}),
        )
        await self.rows.over(waiting, now, entry, words)
        await asyncio.to_thread(self._key_file(waiting.change).unlink, missing_ok=True)

    async def _try_later(self, waiting: PendingPassword, error: Exception) -> None:
        reason = error.sentence if isinstance(error, PgbotError) else type(error).__name__
        log.warning("password not handed over", change=waiting.change, error=reason, tries=waiting.tries + 1)
        wait = min(FIRST_RETRY * 2 ** min(waiting.tries, 16), MAX_RETRY_WAIT)
        words = f"The password of {waiting.user} could not be delivered yet ({reason.rstrip('.')})."
        now = self.clock.now()
        await self.rows.later(waiting, now + wait, now, words)


def generate_password() -> str:
    """Return a password of 32 letters and digits, with at least one of each kind."""
    while True:
        password = "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))
        kinds = (str.islower, str.isupper, str.isdigit)
        if all(any(map(kind, password)) for kind in kinds):
            return password


def delivery_message(waiting: PendingPassword) -> Reply:
    """Return the direct message with the encrypted file."""
    name = f"{waiting.label.file_name}.age"
    identity = "~/.ssh/id_ed25519"
    if not waiting.shown.startswith("ssh-ed25519"):
        identity = "~/.ssh/id_rsa" if waiting.shown.startswith("ssh-rsa") else "key.txt"
    return Reply(
        f"Password of {waiting.user} on {waiting.cluster}",
        (
            Text(f"The attached file is encrypted to your key {waiting.shown}. To read it:"),
            Code(f"age --decrypt --identity {identity} {name}"),
            Note(f"Change {waiting.change}. Only you can read it. The bot keeps no copy."),
            File(name, waiting.blob),
        ),
    )
