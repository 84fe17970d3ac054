"""The primary user of a v2 cluster: by reference, resolved late, never shown."""

import pytest
from terminal_site import terminal_site

from bot.changes.primary_user import credentials_for
from bot.domain.cluster import Api, Cluster
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import ConfigError
from bot.settings.model import Settings

pytestmark = pytest.mark.anyio
PAYMENTS = Cluster(
    id="1", api=Api.V2, contract="shop", region="de/txl", name="payments-prod", state="AVAILABLE"
)
SETTINGS = Settings.model_validate(
    {
        "clusters": [
            {"match": {"name": "payments-*"}, "tier": "prod"},
            {
                "match": {"name": "*-prod"},
                "credentials": {
                    "username": "payments",
                    "password": "env:PAYMENTS_PASSWORD",
                    "database": "payments",
                },
            },
        ]
    }
)


async def test_the_first_entry_that_has_credentials_gives_them(monkeypatch):
    monkeypatch.setenv("PAYMENTS_PASSWORD", "Canary-Passw0rd!")

    found = await credentials_for(PAYMENTS, SETTINGS)

    assert (found.username, found.secret(), found.database) == ("payments", "Canary-Passw0rd!", "payments")
    assert "Canary" not in repr(found)


async def test_a_password_that_is_not_there_is_named_by_its_reference():
    with pytest.raises(ConfigError, match="PAYMENTS_PASSWORD is not set"):
        await credentials_for(PAYMENTS, SETTINGS)


async def test_without_credentials_it_says_how_to_give_them():
    with pytest.raises(ConfigError, match="credentials are configured for payments-prod") as caught:
        await credentials_for(PAYMENTS, Settings())

    assert "app.yaml" in caught.value.next_step


async def test_a_change_on_v2_without_credentials_is_refused_before_any_call(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        listing = await terminal.kernel.fleet.clusters()
        cluster = next(each for each in listing.items if each.name == "payments-prod")
        before = terminal.cloud.calls.count()

        with pytest.raises(ConfigError):
            await terminal.kernel.fleet.change(cluster, ClusterChange(description="x"))

        assert before == terminal.cloud.calls.count()


async def test_a_change_on_v2_sets_the_password_and_keeps_the_rest(tmp_path, monkeypatch):
    monkeypatch.setenv("PAYMENTS_PASSWORD", "Canary-Passw0rd!")
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        listing = await terminal.kernel.fleet.clusters()
        cluster = next(each for each in listing.items if each.name == "payments-prod")

        credentials = await credentials_for(cluster, SETTINGS)
        changed = await terminal.kernel.fleet.change(cluster, ClusterChange(description="new"), credentials)

        assert changed.description == "new"
        assert (changed.name, changed.ram_mb, changed.storage_mb) == (
            cluster.name,
            cluster.ram_mb,
            cluster.storage_mb,
        )
        assert "Canary" not in str(await terminal.audit())
