"""Golden files: a renderer's output, reviewed once and kept.

To renew them after an intended change: `UPDATE_GOLDEN=1 make test ARGS=tests/slack`, and read the diff.
"""

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "golden"
IS_RENEWED = bool(os.environ.get("UPDATE_GOLDEN"))


def assert_golden(name: str, value: Any) -> None:
    """Assert that `value` as JSON is the content of tests/golden/<name>.json."""
    path = FOLDER / f"{name}.json"
    made = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if IS_RENEWED:
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8"), (
        f"{path.name} differs: see golden_files on how to update it"
    )
