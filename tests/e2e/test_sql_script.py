"""The SQL of a cluster on v2: a file for the person alone who asks, with two lines of what it does."""

import pytest
from password_site import run_change, type_line
from rules_site import ALICE, everything_seen, find_cluster, requests_to, rules_document, rules_site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_script_comes_as_a_file_and_nothing_is_sent_to_the_cloud(tmp_path, monkeypatch, mode):
    async with rules_site(tmp_path, monkeypatch, rules_document(), mode=mode) as site:
        cluster = find_cluster(site, "payments-prod")
        await type_line(site, ALICE, '/pg user delete payments-prod "R&D"')
        change = await run_change(site, ALICE, '/pg user delete payments-prod "R&D" --drop-objects')
        await type_line(site, ALICE, f"/pg change show {change.id}")
        seen = await everything_seen(site, ALICE)
        files = [each for each in site.demo.workspace.files.by_id.values() if each.name.endswith(".sql")]
        sent = requests_to(site, cluster)

    assert "The v2 API does not support managing users. This SQL script does it instead." in seen
    assert "It can lose every table and other object that the script lists, with all data in them." in seen
    assert [each.name for each in files] == [
        "delete-user-r-d-of-payments-prod.sql",
        "delete-user-r-d-and-its-objects-of-payments-prod.sql",
    ]
    assert all(b"\n\\set role 'R&D'\n" in each.content for each in files)
    assert all(channel.startswith("D") for each in files for channel in each.channels)
    assert sent == []
