"""`bot.programs.settings_lint`: findings in well-formed settings, and silence on correct ones."""

import pytest
import yaml
from one_contract import SETTINGS

import handlers
from bot.commands.declaration import Registry
from bot.programs.settings_lint import lint, named_people
from bot.settings.model import Settings, load_settings

REGISTRY = Registry.discover(handlers)
BASE = """
people: {dba: [U0BOB, U0CAROL], ops: [U0BOB], groups: [S0DBA]}
permissions: [{to: [dba, ops, groups], allow: ["*"]}]
"""


TIERS = "\nclusters: [{match: {name: a}, tier: Prod}]"


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
            "approval rule 2 never applies: rule 1 already covers",
        ),
        (
            rules(
                '{changes: ["cluster *"], need: confirm}',
                '{changes: ["user *"], need: confirm}',
                '{changes: ["user delete", "cluster delete"], need: confirm}',
            ),
            "approval rule 3 never applies: rule 1 and 2 already",
        ),
        (rules('{changes: ["restroe"], need: confirm}'), "approval rule 1: no change is called restroe"),
        (
            rules('{changes: ["restore"], roles: {dba: 3}}'),
            "rule 1 can never be met: too few people in dba",
        ),
        (
            rules('{changes: ["restore"], roles: {dba: 2, ops: 1}}'),
            "can never be met: too few people in ops",
        ),
        (
            rules('{changes: ["restore"], roles: {dba: 2}}'),
            "no one can approve requests from U0BOB, U0CAROL",
        ),
        (
            rules('{changes: ["restore"], roles: {owner: 1}}'),
            "it needs the owner, but no cluster has one",
        ),
        (
            rules('{changes: ["restore"], roles: {groups: 1}, freeze: [{}]}'),
            "its change freezes cover the whole week",
        ),
        ("terminal: {people: {bob: bob}}", "terminal.people: bob: bob is not a Slack id of a person"),
        (
            "people: {dba: [bob]}\npermissions: [{to: [dba], allow: ['*']}]",
            "people: dba: bob is not a Slack id",
        ),
        ("people: {dba: []}\npermissions: [{to: [dba], allow: ['*']}]", "the role dba has no people"),
        ('permissions: [{to: [dba], allow: ["clutser *"]}]', "permission 1: no command is called clutser *"),
        ("clusters: [{match: {name: a}, owner: shop}]", "the owner shop is neither a role nor a Slack id"),
        (
            "waivers: [{rule: PGR1, cluster: a, until: 2027-01-01, owner: x, reason: y}]",
            "the owner x is neither",
        ),
        ("approvals: {channel: '#ops'}", "approvals.channel: #ops is not a Slack id of a channel"),
        ("audit: {anchors: {channel: ops}}", "audit.anchors.channel: ops is not a Slack id of a channel"),
        ("clusters: [{match: {name: a}, channel: ops}]", "clusters[1].channel: ops is not a Slack id"),
        ('permissions: [{to: [dba], allow: ["*"], clusters: [{tier: prod}]}]', "gives the tier prod"),
        (rules('{changes: ["*"], clusters: [{owner: shop}], need: confirm}'), "gives the owner shop"),
        ("clusters: [{match: {region: de/ham}, tier: a}]", "this release does not know the region de/ham"),
        ("slack: {team: acme}", "slack: acme is not a Slack id of a workspace"),
        ("slack: {app: pgbot}", "slack.app: pgbot is not a Slack id of an app"),
        ("password_references: [NEW_*]", "password_references: NEW_* allows nothing"),
        (
            "reports: [{name: a, command: status, when: 'every day at 9:00', channel: C0OPS, owner: U0BOB, "
            "holidays: berlin}]",
            "report a: the calendar berlin does not exist",
        ),
        ("permissions: []", "everyone may run only help and whoami"),
        (
            'permissions: [{to: [dba], allow: ["*"]}, {to: [dba], allow: ["user *"], channels: [C0OPS]}]',
            "permission 2 has no effect: permission 1 already allows all of it",
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
        )
        + TIERS,
        rules('{changes: ["restore"], roles: {groups: 5}}'),
        rules('{changes: ["restore"], roles: {dba: 2}, own_vote: true}'),
        rules('{changes: ["restore"], roles: {groups: 1}, freeze: [{from: "08:00", to: "18:00"}]}'),
        'permissions: [{to: [dba], allow: ["*"], channels: [C0OPS]}, {to: [dba], allow: ["user *"]}]',
        'permissions: [{to: [dba], allow: ["*"]}, {to: [everyone], allow: ["cluster list"]}]',
        'permissions: [{to: [dba], allow: ["*"], clusters: [{tier: prod}]}, {to: [dba], allow: ["restore"]}]'
        + TIERS,
        "clusters: [{match: {region: DE-TXL}, owner: '@dba', channel: G0OPS}]",
    ],
)
def test_what_is_right_is_left_alone(more):
    assert flaws(more) == []


def test_every_setting_that_names_a_person_is_known():
    more = (
        "clusters: [{match: {name: a}, owner: '@U0CAROL'}]\npeople_keys: {}\nterminal: {people: {x: U0BOB}}"
    )
    found = named_people(Settings.model_validate(yaml.safe_load(BASE) | yaml.safe_load(more)))

    assert found == {
        "U0BOB": [("people", "dba", 0), ("people", "ops", 0), ("terminal", "people", "x")],
        "U0CAROL": [("people", "dba", 1), ("clusters", 0, "owner")],
        "S0DBA": [("people", "groups", 0)],
    }


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

    assert flaws(contracts + more) == [f"{each}: the contract Shop does not exist" for each in where]


def test_contracts_that_the_environment_names_are_not_known_here():
    assert flaws("clusters: [{match: {contract: Shop}, tier: prod}]") == []
