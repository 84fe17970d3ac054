"""Files: announced, uploaded, then shared, as in Slack."""

import secrets
from dataclasses import dataclass, field

from bot.demo.workspace.refusal import Json, MethodRefusal

LARGEST = 50 * 1024 * 1024
"""Bytes of the largest file that the simulator takes; Slack's own limit is 1 GB."""


@dataclass(slots=True, kw_only=True)
class UploadedFile:
    """One file. `content` is None until its bytes have arrived; `channels` are where it is shared."""

    id: str
    name: str
    length: int
    user: str
    upload_key: str
    created: int
    title: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)
    completed: bool = False

    def json(self, base_url: str) -> Json:
        """Return the file object; its URL works while the simulator runs."""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": "text/csv" if self.name.endswith(".csv") else "text/plain",
            "filetype": self.name.rpartition(".")[2] or "text",
            "size": self.length,
            "user": self.user,
            "mode": "hosted",
            "url_private": f"{base_url}/files/{self.id}/{self.upload_key}",
            "url_private_download": f"{base_url}/files/{self.id}/{self.upload_key}",
            "channels": self.channels,
        }


class Files:
    """Every file announced so far."""

    def __init__(self) -> None:
        self.by_id: dict[str, UploadedFile] = {}

    def announce(self, *, name: str, length: int, user: str, created: int) -> UploadedFile:
        """Do the first step: create the file with an id and an upload key."""
        file_id = f"F0{len(self.by_id) + 1:06X}"
        key = secrets.token_urlsafe(12)
        file = UploadedFile(id=file_id, name=name, length=length, user=user, upload_key=key, created=created)
        self.by_id[file_id] = file
        return file

    def find(self, file_id: str) -> UploadedFile:
        """Return the file. Raises MethodRefusal `file_not_found`."""
        file = self.by_id.get(file_id)
        if file is None:
            raise MethodRefusal("file_not_found")
        return file

    def receive(self, key: str, content: bytes) -> bool:
        """Do the second step: take the bytes. Return False for an unknown or used key or another length."""
        file = next((known for known in self.by_id.values() if known.upload_key == key), None)
        if file is None or file.content is not None or len(content) != file.length:
            return False
        file.content = content
        return True
