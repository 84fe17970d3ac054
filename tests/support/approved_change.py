"""A change that is approved before any bot runs, and the secrets that the settings refer to."""

from contextlib import asynccontextmanager

from change_kit import SECRETS, TARGET, change_stage


def put_secrets(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@asynccontextmanager
async def approved_restore(tmp_path, api="v1", alter=None):
    """Open a restore approved by two people, with no bot yet: yield stage, people, change and cluster.

    `alter` makes another plan of it, such as one of an earlier release, which is the one that is proposed.
    """
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters(api)[0]
        record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        if alter is not None:
            await room.says("alice", f"change withdraw {record.id}")
            record = await room.proposes("alice", record.plan.model_copy(update=alter(record.plan)))
        await room.says("bob", f"change approve {record.id}")
        yield stage, room, record, cluster
