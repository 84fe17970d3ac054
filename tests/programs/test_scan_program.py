"""`pgbot scan`: its exit codes, with and without a token, and without the extra."""

import json

import pytest
from programs_site import PGBOT, run
from readiness_site import ci_environment, readiness_site
from sarif_check import checked_run

from bot.domain.error_codes import ExitCode

pytestmark = pytest.mark.anyio
V1 = "https://api.ionos.com/databases/postgresql"


@pytest.fixture
def repository(tmp_path):
    """Return a repository that still uses v1."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "deploy.sh").write_text(f"curl -X PATCH {V1}/clusters/orders-prod\n", encoding="utf-8")
    (folder / "main.tf").write_text('resource "ionoscloud_pg_cluster" "orders" {}\n', encoding="utf-8")
    return folder


async def test_hits_end_with_1_and_come_without_a_token(repository):
    ended = await run("scan", "repository", cwd=repository.parent)

    assert ended.code == ExitCode.FAILED, ended.err
    assert ended.out.startswith("2 files read; IONOS found in 2; ")
    assert "repository/deploy.sh:1:" in ended.out
    assert ended.err == ""


async def test_below_the_threshold_it_ends_with_0_and_the_file_is_valid(repository):
    ended = await run(
        "scan", ".", "--fail-on", "blocker", "--format", "sarif", "--out", "scan.sarif", cwd=repository
    )

    assert (ended.code, ended.out) == (ExitCode.OK, "")
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in checked_run((repository / "scan.sarif").read_text(encoding="utf-8"))["results"]
    ]
    assert {"deploy.sh", "main.tf"} == set(places)


@pytest.mark.parametrize(("paths", "code"), [(("nowhere",), 3), (("repository", "nowhere"), 1)])
async def test_what_cannot_be_read_ends_with_3_unless_there_are_hits(repository, paths, code):
    ended = await run("scan", *paths, cwd=repository.parent)

    assert ended.code == code
    assert "Not read: nowhere: it does not exist" in ended.out


async def test_a_folder_without_a_file_is_not_all_good(tmp_path):
    ended = await run("scan", ".", cwd=tmp_path)

    assert ended.code == ExitCode.PARTIAL
    assert ended.out.startswith("No file was read, so nothing was scanned.")


async def test_with_a_token_hits_are_attributed(repository):
    async with readiness_site(repository.parent) as site:
        orders = next(each for each in site.cloud.everything() if each.name == "orders-prod")
        script = f"curl {V1}/clusters/{orders.id}\n"
        (repository / "deploy.sh").write_text(script, encoding="utf-8")
        site.fault(kind="status", status=503, api="v2", region="de-fra")
        ended = await site.pgbot("scan", "repository", "--format", "json")

    hits = [hit for hit in json.loads(ended.out)["hits"] if hit["path"].endswith("deploy.sh")]
    assert {hit["cluster"] for hit in hits} == {orders.id}
    assert "Hits can’t be matched to clusters of v2 de/fra" in ended.err
    assert ended.code == ExitCode.FAILED


async def test_a_report_says_when_it_was_made_unless_it_is_to_be_reproducible(repository):
    line = ("scan", "repository", "--format", "json")
    timed, plain, again = [
        json.loads((await run(*line, *more, cwd=repository.parent)).out)
        for more in ((), ("--reproducible",), ("--reproducible",))
    ]

    assert timed.pop("read_at").endswith("Z")
    assert timed == plain == again


async def test_without_the_extra_it_says_what_to_install(repository):
    absent = repository / "hcl2"
    absent.mkdir()
    (absent / "__init__.py").write_text("raise ModuleNotFoundError('no', name='hcl2')\n", encoding="utf-8")
    ended = await run("scan", ".", env={"PYTHONPATH": str(repository)}, cwd=repository, program=PGBOT)

    assert ended.code == ExitCode.USAGE
    assert ended.err == (
        "pgbot scan needs the package hcl2, which is not installed.\n"
        "Run pip install 'ionos-pg-chatops[scan]'.\n"
    )


async def test_wrong_settings_end_with_2(repository):
    env = ci_environment("http://127.0.0.1:9") | {"PGBOT_IONOS__REGION_URL": "nonsense"}
    ended = await run("scan", ".", env=env, cwd=repository)

    assert ended.code == ExitCode.USAGE
    assert "ionos.region_url" in ended.err
