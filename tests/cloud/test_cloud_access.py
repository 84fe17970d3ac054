"""Authentication, and the clusters that each contract sees."""

import base64

import pytest
from cloud_clients import cloud_site, v1_cluster

from bot.demo.cloud.access import CONTRACT_A, CONTRACT_B, CONTRACT_C
from bot.demo.seeded_fleet import SEED_PASSWORD

pytestmark = pytest.mark.anyio
PATHS = {"v1": "/databases/postgresql/clusters", "v2": "/de-txl/clusters"}


def basic(text):
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        "Basic !!!",
        "Basic ZGVtbw==",
        "Basic gICA",
        "Digest demo-token",
        "demo-token",
    ],
)
@pytest.mark.parametrize(("api", "kind"), [("v1", "application/problem+json"), ("v2", "application/json")])
async def test_without_good_credentials_it_is_401_in_the_apis_own_shape(api, kind, authorization):
    headers = {} if authorization is None else {"authorization": authorization}
    async with cloud_site() as site:
        answer = await site.http.get(PATHS[api], headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == kind
    assert answer.json()["httpStatus"] == 401


async def test_401_comes_before_everything_else():
    async with cloud_site() as site:
        for method, path in (("GET", "/nothing"), ("PUT", "/clusters"), ("POST", "/clusters")):
            assert (await site.http.request(method, f"/de-txl{path}")).status_code == 401


async def test_v1_takes_the_basic_login_and_v2_does_not():
    async with cloud_site() as site:
        statuses = [
            (await site.http.get(path, headers=basic("demo:demo"))).status_code for path in PATHS.values()
        ]
        wrong = await site.http.get(PATHS["v1"], headers=basic("demo:guess"))
    assert statuses == [200, 401]
    assert wrong.status_code == 401


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_the_header_selects_one_of_the_contracts_of_a_token(api):
    async with cloud_site() as site:
        region = "fr-par"
        path = PATHS["v1"] if api == "v1" else f"/{region}/clusters"

        async def ids(token, contract=None):
            headers = {"authorization": f"Bearer {token}"}
            if contract is not None:
                headers["x-contract-number"] = str(contract)
            answer = await site.http.get(f"{path}?limit=1000", headers=headers)
            if answer.status_code != 200:
                return answer.status_code
            return {one["id"] for one in answer.json().get("items", [])}

        default = await ids("demo-token")
        first, second = await ids("demo-token", CONTRACT_A), await ids("demo-token", CONTRACT_B)
        assert default == first
        assert first
        assert second
        assert first.isdisjoint(second)
        assert await ids("demo-token-b") == second
        assert await ids("demo-token", CONTRACT_C) == 403
        assert await ids("demo-token-c", CONTRACT_A) == 403
        assert await ids("demo-token", "abc") == 422
        assert await ids("demo-token", "9" * 5000) == 403


async def test_another_contracts_cluster_is_not_there():
    async with cloud_site() as site:
        hr = (await site.v1("demo-token-c").named("hr-prod"))["id"]
        v1 = site.v1()
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/restore"),
            ("GET", "/users"),
            ("GET", "/logs"),
            ("GET", "/backups"),
        ):
            body = {"json": {}} if method in ("PATCH", "POST") else {}
            assert (await v1(method, f"/clusters/{hr}{path}", **body)).status_code == 404
        assert await site.v1("demo-token-c").state(hr) == "AVAILABLE"


async def test_a_new_cluster_belongs_to_the_selected_contract():
    async with cloud_site() as site:
        headers = {"x-contract-number": str(CONTRACT_B)}
        made = (await site.v1()("POST", "/clusters", json=v1_cluster(), headers=headers)).json()
        assert (await site.true_state(made["id"]))["contract"] == CONTRACT_B
        assert await site.v1("demo-token-b").state(made["id"]) == "BUSY"
        assert await site.v1().state(made["id"]) == 404


async def test_a_token_for_reading_may_not_write():
    async with cloud_site() as site:
        v1 = site.v1("demo-token-readonly")
        cluster = (await v1.named("orders-prod"))["id"]
        assert (await v1("DELETE", f"/clusters/{cluster}")).status_code == 403
        assert (await v1("POST", "/clusters", json=v1_cluster())).status_code == 403


async def test_a_trial_contract_is_402_on_v1_and_403_on_v2():
    async with cloud_site() as site:
        assert (await site.v1("demo-token-trial").get("/clusters")).status_code == 402
        assert (await site.v2("demo-token-trial").get("/clusters")).status_code == 403


async def test_no_password_in_any_answer_or_repr():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        for path in ("", "/users?system=true", "/databases", "/backups"):
            assert SEED_PASSWORD not in (await v1.get(f"/clusters/{cluster}{path}")).text
        assert SEED_PASSWORD not in repr(site.cloud.find(cluster))
