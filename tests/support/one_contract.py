"""The demo's settings and clusters in one contract, of which a listing asks 10 endpoints instead of 30."""

import atexit
import re
import tempfile
from pathlib import Path

from bot.demo import environment
from bot.demo.cloud.access import CONTRACT_A

_FOLDER = tempfile.TemporaryDirectory(prefix="pgbot-settings-")
atexit.register(_FOLDER.cleanup)

DEMO_SETTINGS = environment.SETTINGS

SETTINGS = Path(_FOLDER.name) / "app.yaml"
_TEXT = DEMO_SETTINGS.read_text(encoding="utf-8").replace(
    "{contract: billing}", "{name: recommendations-prod}"
)
SETTINGS.write_text(re.sub(r".*name: (billing|logistics),.*\n", "", _TEXT), encoding="utf-8")


def move_clusters(cloud, settings):
    """Move every cluster into the first contract where the settings have no other one."""
    if len(settings.ionos.contracts) == 1:
        for record in list(cloud.everything()):
            cloud.discard(record)
            record.contract = CONTRACT_A
            cloud.add(record)
