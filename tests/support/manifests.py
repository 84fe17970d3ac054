"""The app manifest that belongs to an app.yaml, made once for each."""

from functools import cache

from bot.programs.kernel import registry
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for


def manifest_of(settings):
    """Return the manifest of the app.yaml at this path."""
    return _manifest(settings, settings.read_bytes())


@cache
def _manifest(settings, _content):
    return manifest_for(load_settings(settings, environment={}).settings, registry())
