"""`make foreign`: a line for each client, also for one that is not given or does not work."""

import sys

import pytest
from programs_site import run
from sdk_environments import ROOT

pytestmark = pytest.mark.anyio


async def test_clients_that_are_not_given_are_named_and_a_failure_ends_with_1(tmp_path):
    program = tmp_path / "ionosctl"
    program.write_text(
        '#!/bin/sh\n[ "$1" = version ] && echo v6.10.2 && exit\necho no list today >&2; exit 3\n'
    )
    program.chmod(0o755)
    given = {"IONOSCTL": str(program), "PYTHONPATH": str(ROOT)}
    ended = await run(program=(sys.executable, "-m", "tests.foreign"), env=given)
    first, command, said, *others = ended.out.splitlines()
    assert first == "ionosctl v6.10.2: failed. Worked: nothing"
    assert (command.endswith("cluster list --output json: exit code 3"), said) == (True, "no list today")
    assert others == [
        "Terraform: not given (set TERRAFORM and TERRAFORM_PROVIDER)",
        "Ansible: not given (set ANSIBLE_COLLECTION)",
    ]
    assert (ended.code, ended.err) == (1, "")
