"""Passwords that the bot makes: encrypted and stored before they are sent, delivered once they are in effect.

The order makes it safe: make, encrypt, store on disk, send, deliver, forget. A crash anywhere loses no
password that is in effect, and leaves none in clear behind.
"""

import asyncio
import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]  # it ships no types
from pydantic import SecretStr
from pyrage import x25519

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.changes.notices import Notices
from bot.changes.rows import put_milestone, requester
from bot.domain.cluster import Cluster
from bot.domain.errors import ConfigError, InputError, PgbotError, StoreError
from bot.domain.plan import Plan
from bot.domain.redaction import remember_secrets
from bot.domain.reply import Code, File, Note, Reply, Text
from bot.runtime.clock import Clock
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert, upsert
from bot.runtime.logger import get_logger
from bot.settings import password_sinks
from bot.settings.model import CredentialReferences, Settings
from bot.settings.password_sinks import PasswordLabel
from bot.settings.public_keys import PublicKey
from bot.settings.secrets import resolve_secret

log = get_logger()

KEY, SINK = "key", "sink"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedPassword:
    """A password of a change. `place` is KEY or SINK, `shown` the destination in words."""

    change: str
    person: str
    user: str
    place: str
    shown: str
    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPassword(EncryptedPassword):
    """A stored password that is to be delivered or deleted, with facts of its change."""

    tries: int
    cluster: str
    cluster_id: str
    team: str
    actor: str
    command: str
    digest: str

    @property
    def label(self) -> PasswordLabel:
        """The facts that a sink gets with the password."""
        return PasswordLabel(
            change=self.change,
            cluster=self.cluster,
            cluster_id=self.cluster_id,
            user=self.user,
            requester=self.person,
        )


LONGEST_WAIT = timedelta(days=1)
"""Longer than a delivery waits for its next try."""


class PasswordRows:
    """Store of public keys and of passwords to deliver. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def key(self, person: str) -> str | None:
        """Return the key that a person has set."""
        query = "SELECT key FROM people_keys WHERE person = ?"
        row = await self._database.read(lambda db: db.execute(query, [person]).fetchone())
        return None if row is None else str(row[0])

    async def put_key(self, person: str, key: str, at: datetime) -> None:
        """Store a person's key, in place of an earlier one."""
        row = {"person": person, "key": key, "set_at": time_to_text(at)}
        await self._database.write(lambda db: upsert(db, "people_keys", row, key=("person",)))

    async def remove_key(self, person: str) -> bool:
        """Delete a person's key; return whether there was one."""
        return await self._database.write(
            lambda db: bool(db.execute("DELETE FROM people_keys WHERE person = ?", [person]).rowcount)
        )

    async def find_creation(self, cluster_id: str) -> dict[str, Any]:
        """Return the arguments with which the bot made a cluster; empty for one that it did not make."""
        query = "SELECT plan FROM changes WHERE made = ? AND command = 'cluster create' LIMIT 1"
        row = await self._database.read(lambda db: db.execute(query, [cluster_id]).fetchone())
        return {} if row is None else dict(json.loads(row[0])["arguments"])

    async def keep(self, kept: EncryptedPassword, at: datetime) -> None:
        """Store a password, on disk when this returns; a second one of the same change is refused."""
        row = {
            "change_id": kept.change,
            "person": kept.person,
            "username": kept.user,
            "place": kept.place,
            "shown": kept.shown,
            "blob": kept.blob,
            "kept_at": time_to_text(at),
        }
        await self._database.write(lambda db: insert(db, "handovers", row))

    async def keeps_any(self) -> bool:
        """Return whether a password is stored."""
        query = "SELECT 1 FROM handovers WHERE blob IS NOT NULL LIMIT 1"
        found = await self._database.read_if_changed(
            "stored passwords", lambda db: db.execute(query).fetchone()
        )
        return found is not None

    async def due(self, now: datetime, limit: int = 20) -> list[PendingPassword]:
        """Return the passwords that the cloud has accepted and whose next delivery is due."""
        return await self._select(
            "blob IS NOT NULL AND (next_at IS NULL OR next_at <= ?) AND"
            " (due_at IS NOT NULL OR state IN ('done', 'accepted but not in effect'))"
            " ORDER BY kept_at LIMIT ?",
            [time_to_text(now), limit],
        )

    async def repair(self, now: datetime) -> str:
        """Make due what a wrong clock would deliver much later than `now`, which is right; say so."""
        statement = "UPDATE handovers SET next_at = NULL WHERE blob IS NOT NULL AND next_at > ?"
        values = [time_to_text(now + LONGEST_WAIT)]
        changed = await self._database.write(lambda db: db.execute(statement, values).rowcount)
        return "Passwords that waited for a time far away are delivered now." if changed else ""

    async def useless(self, limit: int = 20) -> list[PendingPassword]:
        """Return the passwords of finished changes that the cloud never accepted."""
        return await self._select(
            "blob IS NOT NULL AND due_at IS NULL AND"
            " state NOT IN ('running', 'unknown', 'done', 'accepted but not in effect') LIMIT ?",
            [limit],
        )

    async def later(self, waiting: PendingPassword, at: datetime, now: datetime, words: str) -> None:
        """Deliver again at a later time. After the first failure `words` go to the change's thread."""

        def work(db: Transaction) -> None:
            db.execute(
                "UPDATE handovers SET tries = tries + 1, next_at = ? WHERE change_id = ?",
                [time_to_text(at), waiting.change],
            )
            if waiting.tries == 0:
                put_milestone(db, waiting.change, now, words, ())

        await self._database.write(work)

    async def over(self, waiting: PendingPassword, at: datetime, entry: AuditEntry, words: str) -> None:
        """Delete a password that was delivered or is not needed, and write its audit row."""
        add = self._audit.adding(entry)

        def work(db: Transaction) -> None:
            db.execute(
                "UPDATE handovers SET blob = NULL, ended_at = ?, outcome = ? WHERE change_id = ?",
                [time_to_text(at), entry.outcome, waiting.change],
            )
            if words:
                put_milestone(db, waiting.change, at, words, ())
            add(db)

        await self._database.write(work)

    async def _select(self, where: str, values: list[Any]) -> list[PendingPassword]:
        query = f"""
            SELECT handovers.*, handovers.change_id AS change, username AS user, cluster_id,
                cluster_name AS cluster, team, command, digest, requester, requester_name, origin, channel,
                time_zone
            FROM handovers JOIN changes ON changes.id = handovers.change_id WHERE {where}
        """
        return await self._database.read(lambda db: [_pending(row) for row in db.query(query, values)])


def _pending(row: dict[str, Any]) -> PendingPassword:
    known = {name: row[name] for name in ("change", "person", "user", "place", "shown", "blob", "tries")}
    known |= {name: row[name] for name in ("cluster", "cluster_id", "team", "command", "digest")}
    return PendingPassword(**known, actor=requester(row).actor)


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
        if not await self.rows.keeps_any():
            return
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
