"""The documents match the product: links, commands, targets, settings and the generated pages."""

import argparse
import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from doc_tables import PAGES, printed

import handlers
from bot.commands.declaration import Registry
from bot.commands.reference_page import commands_page
from bot.domain.error_codes import ErrorCode
from bot.programs import cli
from bot.settings.model import Settings, load_settings
from bot.settings.yaml_source import _innermost
from bot.slack.manifest import PATH
from bot.slack.receiver import health_routes

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
REGISTRY = Registry.discover(handlers)

EARLIER = {"bot/evidence"}
"""Moved paths that the changelog names."""


def words(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_project_leads_somewhere(path):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", words(path))
    local = [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]

    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_and_module_that_is_named_exists(path):
    text = words(path)
    files = re.findall(r"`((?:bot|handlers|migrations|tests|docs)/[\w/.]+)`", text)
    modules = [each.replace(".", "/") for each in re.findall(r"python -m ((?:bot|tests)[\w.]+)", text)]
    made_up = re.compile(r"noun_verb|pgrNNN|summary_topic|test_surface")
    named = [each for each in (*files, *modules) if not made_up.search(each)]

    assert [each for each in named if not (ROOT / each).exists() and each not in EARLIER] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_is_named_exists(path):
    targets = set(re.findall(r"^([a-z]+):", words(ROOT / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", words(path))) | set(
        re.findall(r"^make ([a-z]+)", words(path), re.MULTILINE)
    )

    assert named - targets == set()


def test_the_generated_page_is_not_stale():
    assert words(ROOT / "docs" / "commands.md") == commands_page(REGISTRY)


@pytest.mark.parametrize("page", PAGES)
def test_the_printed_tables_are_not_stale(page):
    assert words(ROOT / page) == printed(page), "run make docs"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path):
    named = re.findall(r"`/pg ([a-z][a-z ]*)", words(path))
    nouns = {each.group for each in REGISTRY}

    assert [each for each in named if each.strip() not in nouns and not command_of(each.split())] == []


def command_of(named):
    """Return the longest beginning that is a command."""
    lengths = range(len(named), 0, -1)
    return next((found for end in lengths if (found := REGISTRY.get(tuple(named[:end])))), None)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_program_and_module_that_is_named_exists(path):
    programs = set(_programs(cli.open_programs(*cli.PROGRAMS)))
    named = re.findall(r"(?:`|^ *(?:\$ )?)pgbot ((?:(?:audit|demo) )?[a-z]+)", words(path), re.MULTILINE)
    modules = re.findall(r"python -m ([a-z_.]+)", words(path))

    assert set(named) - programs == set()
    assert [each for each in modules if importlib.util.find_spec(each) is None] == []


def _programs(parser, above=""):
    """Return `serve`, `audit`, `audit verify` and so on."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, program in action.choices.items():
                yield f"{above}{name}"
                yield from _programs(program, f"{above}{name} ")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_and_address_that_is_named_exists(path):
    named = re.findall(r"`((?:[a-z_]+(?:\[\])?)(?:\.[a-z_]+)+)`", words(path))
    settings = [each.replace("[]", "").split(".") for each in named]
    addresses = {route.path for route in health_routes(None)} | {PATH, "/_cloud", "/_workspace"}
    spoken = re.findall(r"`(/(?:[a-z]+z|slack/[a-z]+|_[a-z]+))", words(path))

    codes = [each.split(".") for each in ErrorCode]
    unknown = [each for each in settings if each not in codes and not _is_setting(each)]
    assert [each for each in unknown if each[0] in Settings.model_fields] == []
    assert set(spoken) - addresses == set()


def _is_setting(path):
    section = Settings
    for key in path:
        fields = {field.alias or name: field for name, field in section.model_fields.items()}
        if key not in fields:
            return False
        section = _innermost(fields[key].annotation)
    return True


def test_the_example_app_yaml_is_valid_and_gives_nothing_away():
    settings = load_settings(ROOT / "app.yaml", environment={}).settings

    assert settings.permissions == ()
    assert settings.ionos.contracts == ()


def test_the_commented_parts_of_the_example_are_valid_too(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text(re.sub(r"^#(?! \S|$)", "", words(ROOT / "app.yaml"), flags=re.MULTILINE))

    settings = load_settings(path, environment={}).settings

    assert [each.name for each in settings.ionos.contracts] == ["main", "sandbox"]
    assert len(settings.permissions) == 2
    assert settings.clusters


def test_the_example_names_every_section():
    sections = set(Settings.model_fields)
    named = set(re.findall(r"^#?([a-z_]+):", words(ROOT / "app.yaml"), re.MULTILINE))

    assert sections - named == set()


def test_the_lock_files_hold_hashes_and_no_address():
    for path in ROOT.glob("requirements*.lock"):
        text = words(path)
        pins = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)

        assert "://" not in text
        assert "index-url" not in text
        assert len(re.findall(r"--hash=sha256:", text)) >= len(pins) > 0


def test_ci_runs_what_the_readme_says():
    assert "make check" in words(ROOT / ".ci" / "run")
    assert "make test" in words(ROOT / ".ci" / "run")
    assert "make test" in words(ROOT / "README.md")


def test_the_dockerfile_copies_every_package():
    packages = yaml.safe_load("[bot, handlers, migrations]")

    assert all(f"COPY {package} {package}" in words(ROOT / "Dockerfile") for package in packages)
