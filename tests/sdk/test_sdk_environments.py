"""The environments that IONOS's own clients run in: locked, made once, never half made."""

import re
import shutil

import pytest
from sdk_environments import LOCKS, NoEnvironment, sdk_python

PIN = re.compile(r"[a-z0-9-]+==[0-9][\w.]*( ; .+)?")


@pytest.mark.parametrize(("api", "release"), [("v1", "1.2.0"), ("v1-3.0.0", "3.0.0"), ("v2", "3.0.1")])
def test_the_lock_names_releases_and_hashes_and_no_address(api, release):
    text = (LOCKS / f"{api}.lock").read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert f"ionoscloud-dbaas-postgres=={release} " in text
    assert "://" not in text
    for block in blocks:
        pin, *hashes = re.split(r" \\\n\s+", block)
        assert PIN.fullmatch(pin), pin
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), pin


def test_an_environment_is_made_once(sdk_v1):
    mark = sdk_v1.python.parents[1] / "made-from"
    before = mark.stat().st_mtime_ns
    assert sdk_python("v1") == sdk_v1.python
    assert mark.stat().st_mtime_ns == before


def test_another_lock_asks_for_another_environment_and_a_failure_names_it(tmp_path, sdk_v1):
    """This lock cannot even be parsed, so nothing is looked up anywhere."""
    (tmp_path / "v1").mkdir()
    shutil.copy(sdk_v1.python.parents[1] / "made-from", tmp_path / "v1")
    (tmp_path / "old").write_text("=== no requirement\n")
    with pytest.raises(NoEnvironment, match=r"environment of .*old could not be made") as caught:
        sdk_python("v1", tmp_path / "old", tmp_path)
    assert "Invalid requirement" in str(caught.value)
    assert not (tmp_path / "v1" / "made-from").exists()
