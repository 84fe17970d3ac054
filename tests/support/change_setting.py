"""A stage with a bot or without one, for a test each; the secrets that settings refer to are in place."""

from contextlib import asynccontextmanager

from change_kit import SECRETS, TARGET, change_stage


def put_secrets(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@asynccontextmanager
async def approved(tmp_path, api="v1"):
    """A restore that two people have agreed on, and no bot yet: stage, people, change and cluster."""
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters(api)[0]
        record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        await room.says("bob", f"change approve {record.id}")
        yield stage, room, record, cluster
