"""Names from outside, of whatever characters, mean nothing in any file of the pack."""

import json
import re
import shlex
from dataclasses import replace

import hcl2
import pytest
from example_counts import examples
from hypothesis import HealthCheck, example, given, settings
from pack_kit import fill_samples, hcl_text, pack_files, psql_variables, request_errors, run_script
from random_clusters import HOSTILE, any_facts, hostile_texts
from rule_kit import ID, READY, facts

from bot.domain.cluster import Api, ClusterDatabase, DbUser
from bot.domain.text_safety import visible
from migrations.pack.quoting import code, hcl, prose
from migrations.pack.sql import roles
from migrations.pack.target_cluster import build_target

OURS = "ionos:iam:cloud::users/1"


def storable(text):
    """Return text that PostgreSQL and HCL can hold: neither takes NUL or half a character."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


@given(any_facts())
@settings(max_examples=examples(25, 60), suppress_health_check=list(HealthCheck))
def test_every_file_is_visible_text_and_every_body_is_one_that_v2_takes(given_facts):
    files = pack_files(given_facts)

    for text in files.values():
        assert all(each == "\n" or each.isprintable() for each in text)
        assert text.encode()
    assert request_errors(fill_samples(files["body.json"], build_target(given_facts))) == []


@given(any_facts())
@settings(max_examples=examples(15, 40), suppress_health_check=list(HealthCheck))
def test_terraform_says_what_the_body_says(given_facts):
    files = pack_files(given_facts)
    body = json.loads(files["body.json"])["properties"]
    read = hcl2.loads(files["adopt_v2.tf"])
    resources = read["resource"][0]['"ionoscloud_pg_cluster_v2"']
    (resource,) = resources.values()

    def same(value, stated):
        if isinstance(stated, str) and stated.startswith("<V2_"):
            return value == f"${{var.{stated[1:-1].lower()}}}" or hcl_text(value) == stated
        return (hcl_text(value) if isinstance(stated, str) else value) == stated

    target = build_target(given_facts)
    blanks, imported = {each.name for each in target.blanks}, read["import"][0]["id"]
    for name in blanks:
        imported = imported.replace(f"${{var.{name.lower()}}}", name)
    parts = {"V2_REGION": target.new.region, "V2_CLUSTER_ID": storable(target.cluster_id)}
    assert hcl_text(imported) == ":".join(name if name in blanks else parts[name] for name in parts)
    for attribute in ("name", "description", "version"):
        assert (attribute in resource) is (attribute in body)
        assert attribute not in body or same(resource[attribute], body[attribute])
    assert same(resource["replication_mode"], body["replicationMode"])
    assert same(resource["instances"]["ram"], body["instances"]["ram"])
    assert same(resource["instances"]["storage_size"], body["instances"]["storageSize"])
    assert same(
        resource["connections"]["primary_instance_address"], body["connection"]["primaryInstanceAddress"]
    )
    assert same(resource["backup"]["location"], body["backup"]["location"])
    assert same(resource["credentials"]["database"], body["credentials"]["database"])


@given(hostile_texts)
@example("%{")
@example("$${ a }")
@settings(max_examples=examples(60, 200))
def test_a_string_of_hcl_means_itself(text):
    value = hcl2.loads(f"x = {hcl(text)}\n")["x"]

    assert hcl_text(value) == storable(text)


@given(any_facts())
@settings(max_examples=examples(25, 60), suppress_health_check=list(HealthCheck))
def test_sql_names_stand_in_variables_alone_and_survive(given_facts):
    """The tests in tests/psql run them."""
    set_to = psql_variables(pack_files(given_facts)["users_and_databases.sql"])
    users = [value for name, value in set_to.items() if name.startswith("role_")]

    assert users == list(roles(given_facts, build_target(given_facts)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_one_argument_of_the_script_and_runs_nothing(tmp_path, text):
    given_facts = facts(name=text, id=f"{ID}{text}")
    files = pack_files(given_facts)
    environment = {each.name: "x" for each in build_target(given_facts).blanks}
    code_of_look, look = run_script(tmp_path, files["ionosctl.sh"])
    code_of_create, (create,) = run_script(tmp_path, files["ionosctl.sh"], "create", **environment)

    assert (code_of_look, code_of_create) == (0, 0)
    assert {call[-1] for call in look if "--cluster-id" in call} == {visible(f"{ID}{text}")}
    described = build_target(given_facts).new.description
    assert described is None or create[create.index("--description") + 1] == described
    assert sorted(each.name for each in tmp_path.iterdir()) == ["calls", "ionosctl", "ionosctl.sh"]


def _skeleton(text):
    """Return headings, list items, tables and fences, which a name must not be able to add."""
    return [re.match(r" *(#+|-|\||`{3,}|[0-9]+\.|$)?", line)[0] for line in text.split("\n")]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_command_of_the_steps_takes_a_hostile_id_as_one_word(text):
    steps = pack_files(facts(name="orders prod", id=f"{ID}{text}"))["STEPS.md"]
    line = next(each for each in steps.split("\n") if "--name NEW-NAME" in each)

    assert shlex.split(line)[-3:] == [visible(f"{ID}{text}"), "--name", "NEW-NAME"]
    assert f"/pg cluster rename {shlex.quote(visible(ID + text))}\n" in steps


@given(hostile_texts.filter(bool))
@settings(max_examples=examples(25, 60))
def test_a_name_adds_no_structure_to_the_pages(text):
    def files_of(name, other):
        user = DbUser(name=other, cluster_id=ID, is_system=False, created_by=OURS)
        database = ClusterDatabase(name=other, cluster_id=ID, owner=other, created_by=OURS)
        return pack_files(facts(name=name, users=(user,), databases=(database,), owner=name))

    hostile, tame = files_of(text + " !", text + "-"), files_of("tame !", "tame-")

    for page in ("README.md", "STEPS.md"):
        assert _skeleton(hostile[page]) == _skeleton(tame[page])


@given(hostile_texts)
def test_text_in_markdown_is_on_one_line_and_a_span_of_code_is_closed(text):
    span = code(text)
    opening = re.match("`+", span)

    assert span.isprintable()
    assert prose(text).isprintable()
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>|#~]", prose(text))
    if opening:
        assert len(re.findall(f"(?<!`){opening[0]}(?!`)", span)) == 2


def test_a_name_like_a_blank_is_not_filled_in():
    body = pack_files(facts(name="my <V2_PASSWORD>"))["body.json"]

    assert body.count("<V2_PASSWORD>") == 1
    assert json.loads(body)["properties"]["description"] == "my V2_PASSWORD>"


def test_a_description_of_v2_is_shown_and_not_filled_in():
    twin = replace(READY, api=Api.V2, description="<V2_PASSWORD>\u202e")
    body = pack_files(facts(v2_cluster=twin))["body.json"]

    assert json.loads(body)["properties"]["description"] == "V2_PASSWORD>\\u202e"
