"""The page's files: the library as published, and nothing from elsewhere."""

import hashlib
import json
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "bot" / "demo" / "console" / "static"

PUBLISHED = {
    "preact.module.js": "c30e721ebfdc6e2ad4c18c14d2dfb82667829c8aec27de1207774e3fc16858a8",
    "hooks.module.js": "a6ee626f2d01570592dd569a792e3f050154aa02890eead8c223fa3ed5aa3d5a",
    "LICENSE": "1fe6958409c8c257a70c587a18b6f7f412b179b456630790d30b2ec9a8e4b7d4",
}
"""SHA-256 of the files in the npm package preact 10.29.8 (dist/, hooks/dist/)."""

OURS = sorted(path for path in STATIC.iterdir() if path.suffix == ".js")


def test_the_library_is_as_it_was_published():
    vendored = {path.name: path for path in (STATIC / "vendor").iterdir()}

    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in vendored.items()} == (
        PUBLISHED
    )


def test_the_page_imports_only_what_lies_beside_it():
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    names = json.loads(re.findall(r'<script type="importmap">(.*?)</script>', page)[0])["imports"]

    imported = {
        name for path in OURS for name in re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8"))
    }

    assert {name for name in imported if not name.startswith("./")} == set(names)
    assert all((STATIC / name).is_file() for name in imported if name.startswith("./"))
    assert all((STATIC.parent / address.lstrip("/")).is_file() for address in names.values())


@pytest.mark.parametrize("path", OURS, ids=[path.name for path in OURS])
def test_no_script_parses_text_as_markup(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    assert len(text.splitlines()) <= 200
