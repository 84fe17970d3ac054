"""`bot.programs.settings_lint`: findings in well-formed settings, and silence on correct ones."""

import pytest
import yaml

import handlers
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS
from bot.programs.settings_lint import lint, unknown_people
from bot.settings.model import Settings, load_settings

REGISTRY = Registry.discover(handlers)
BASE = """
people: {dba: [U0BOB, U0CAROL], ops: [U0BOB], groups: [S0DBA]}
permissions: [{to: [dba, ops, groups], allow: ["*"]}]
"""


def flaws(more):
    settings = Settings.model_validate(yaml.safe_load(BASE) | yaml.safe_load(more or "{}"))
    return [flaw.what for flaw in lint(settings, REGISTRY)]


def rules(*lines):
    return f"approvals: {{rules: [{', '.join(lines)}]}}"


def test_the_demo_is_without_flaw():
    assert lint(load_settings(SETTINGS, environment={}).settings, REGISTRY) == []


@pytest.mark.parametrize(
    ("more", "flaw"),
    [
        (
            rules('{changes: ["*"], need: confirm}', '{changes: ["restore"], need: name}').replace(
                "need: name", 'need: "type the name"'
            ),
            "approval rule 2 never decides: rule 1 comes first",
        ),
        (
            rules(
                '{changes: ["cluster *"], need: confirm}',
                '{changes: ["user *"], need: confirm}',
                '{changes: ["user delete", "cluster delete"], need: confirm}',
            ),
            "approval rule 3 never decides: rule 1 and 2",
        ),
        (rules('{changes: ["restroe"], need: confirm}'), "approval rule 1: restroe fits no change"),
        (
            rules('{changes: ["restore"], roles: {dba: 3}}'),
            "rule 1 can never be satisfied: too few people for dba",
        ),
        (
            rules('{changes: ["restore"], roles: {dba: 2, ops: 1}}'),
            "can never be satisfied: too few people for ops",
        ),
        (
            rules('{changes: ["restore"], roles: {dba: 2}}'),
            "nobody is left to approve what U0BOB, U0CAROL asks for",
        ),
        (
            rules('{changes: ["restore"], roles: {owner: 1}}'),
            "it needs the owner, and no cluster has one",
        ),
        (
            rules('{changes: ["restore"], roles: {groups: 1}, freeze: [{}]}'),
            "its freezes leave no hour of the week",
        ),
        ("terminal: {people: {bob: bob}}", "terminal.people: bob: bob is not a Slack id of a person"),
        (
            "people: {dba: [bob]}\npermissions: [{to: [dba], allow: ['*']}]",
            "people: dba: bob is not a Slack id",
        ),
        ("permissions: []", "nobody may run anything but help and whoami"),
        (
            'permissions: [{to: [dba], allow: ["*"]}, {to: [dba], allow: ["user *"], channels: [C0OPS]}]',
            "permission 2 adds nothing: permission 1 allows all of it",
        ),
    ],
)
def test_a_flaw_is_named(more, flaw):
    assert any(flaw in each for each in flaws(more)), flaws(more)


@pytest.mark.parametrize(
    "more",
    [
        "",
        rules(
            '{changes: ["restore"], clusters: [{tier: prod}], roles: {dba: 1}}',
            '{changes: ["restore"], need: confirm}',
        ),
        rules('{changes: ["restore"], roles: {groups: 5}}'),
        rules('{changes: ["restore"], roles: {dba: 2}, own_vote: true}'),
        rules('{changes: ["restore"], roles: {groups: 1}, freeze: [{from: "08:00", to: "18:00"}]}'),
        'permissions: [{to: [dba], allow: ["*"], channels: [C0OPS]}, {to: [dba], allow: ["user *"]}]',
        'permissions: [{to: [dba], allow: ["*"]}, {to: [everyone], allow: ["cluster list"]}]',
        'permissions: [{to: [dba], allow: ["*"], clusters: [{tier: prod}]}, {to: [dba], allow: ["restore"]}]',
    ],
)
def test_what_is_right_is_left_alone(more):
    assert flaws(more) == []


@pytest.mark.anyio
async def test_people_whom_slack_does_not_know_are_named():
    async def there_is(member):
        return {"U0BOB": True, "U0CAROL": False}.get(member)

    found = await unknown_people(Settings.model_validate(yaml.safe_load(BASE)), there_is)

    assert [flaw.what for flaw in found] == ["people: dba: Slack knows no U0CAROL"]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("clusters: [{match: {contract: Shop}, tier: prod}]", ["clusters"]),
        (rules('{changes: ["*"], clusters: [{contract: Shop}], roles: {dba: 1}}'), ["approval rule 1"]),
        ('permissions: [{to: [dba], allow: ["*"], clusters: [{contract: Shop}]}]', ["permission 1"]),
        ("clusters: [{match: {contract: shop}, tier: prod}]", []),
    ],
)
def test_a_contract_that_there_is_none_of_is_named(more, where):
    contracts = "ionos: {contracts: [{name: shop, token: env:T}]}\n"

    assert flaws(contracts + more) == [f"{each}: there is no contract Shop" for each in where]


def test_contracts_that_the_environment_names_are_not_known_here():
    assert flaws("clusters: [{match: {contract: Shop}, tier: prod}]") == []
