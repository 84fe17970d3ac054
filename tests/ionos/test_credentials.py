"""Credentials never show, and go only to the addresses that the settings name."""

import pytest
from pydantic import SecretStr

from bot.domain.errors import ConfigError
from bot.ionos.credentials import DEFAULT_API_URL, REGIONS, ContractAccess, resolve_addresses

CANARY = "canary-secret-77"


def test_secrets_are_not_in_the_representation():
    access = ContractAccess(name="main", username=SecretStr("me"), password=SecretStr(CANARY))
    token = ContractAccess(name="main", token=SecretStr(CANARY))

    assert CANARY not in repr(access) + str(access) + repr(token) + str(token)


def test_a_token_is_sent_as_bearer_and_wins_over_a_password():
    access = ContractAccess(
        name="main", token=SecretStr("abc"), username=SecretStr("me"), password=SecretStr(CANARY)
    )

    assert access.headers() == {"Authorization": "Bearer abc"}


def test_user_name_and_password_are_sent_as_basic():
    access = ContractAccess(name="main", username=SecretStr("demo"), password=SecretStr("demo"))

    assert access.headers() == {"Authorization": "Basic ZGVtbzpkZW1v"}


@pytest.mark.parametrize("given", [{}, {"username": SecretStr("me")}, {"password": SecretStr("x")}])
def test_a_contract_without_credentials_is_refused(given):
    with pytest.raises(ConfigError, match="no credentials"):
        ContractAccess(name="main", **given)


@pytest.mark.parametrize("token", ["", "a b", f"{CANARY}\n", "ä"])
def test_a_token_that_cannot_be_a_header_is_refused_without_being_shown(token):
    with pytest.raises(ConfigError) as caught:
        ContractAccess(name="main", token=SecretStr(token))

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("number", ["12a", "", "1\r\nX-Evil: 1"])
def test_a_contract_number_is_digits(number):
    with pytest.raises(ConfigError, match="digits"):
        ContractAccess(name="main", number=number, token=SecretStr("abc"))


def test_by_default_both_apis_of_ionos_are_asked():
    addresses = resolve_addresses()

    assert addresses.v1 == DEFAULT_API_URL
    assert addresses.regions["de/txl"] == "https://postgresql.de-txl.ionos.com"
    assert tuple(addresses.regions) == REGIONS
    assert addresses.gaps == ()


def test_only_v1_moved_means_that_v2_is_not_contacted_and_said():
    addresses = resolve_addresses(api_url="http://127.0.0.1:8080")

    assert addresses.v1 == "http://127.0.0.1:8080/databases/postgresql"
    assert dict(addresses.regions) == {}
    assert [str(gap).startswith("v2, all nine regions: not read") for gap in addresses.gaps] == [True]


def test_only_v2_moved_means_that_v1_is_not_contacted_and_said():
    addresses = resolve_addresses(region_url="http://127.0.0.1:8080/{region}")

    assert addresses.v1 is None
    assert addresses.regions["de/fra"] == "http://127.0.0.1:8080/de-fra"
    assert [str(gap).startswith("v1: not read") for gap in addresses.gaps] == [True]


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.ionos.com", DEFAULT_API_URL),
        ("https://api.ionos.com/", DEFAULT_API_URL),
        ("https://api.ionos.com/databases/postgresql/", DEFAULT_API_URL),
        ("https://proxy.example/db", "https://proxy.example/db"),
    ],
)
def test_an_address_without_path_gets_the_path_of_v1(given, base):
    assert resolve_addresses(api_url=given).v1 == base


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"])
def test_plain_http_to_this_machine_is_allowed(host):
    addresses = resolve_addresses(f"http://{host}:1", f"http://{host}:1/{{region}}")

    assert addresses.v1 == f"http://{host}:1/databases/postgresql"
    assert addresses.hosts_on_this_machine == (host,)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.ionos.com",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
        "ftp://x",
        "api.ionos.com",
        f"https://me:{CANARY}@x.example",
        f"https://x.example/?token={CANARY}",
        f"https://x.example/#{CANARY}",
        "https://x.example:port",
        "https://",
        "https://[x",
    ],
)
def test_an_address_that_could_leak_or_is_none_is_refused_without_being_shown(url):
    for arguments in ({"api_url": url}, {"region_url": url + "/{region}"}):
        with pytest.raises(ConfigError) as caught:
            resolve_addresses(**arguments)

        assert CANARY not in str(caught.value)


def test_a_region_address_without_region_is_refused():
    with pytest.raises(ConfigError, match="region"):
        resolve_addresses(region_url="https://postgresql.de-txl.ionos.com")


def test_addresses_elsewhere_may_go_through_a_proxy():
    assert resolve_addresses().hosts_on_this_machine == ()
    mixed = resolve_addresses("http://127.0.0.1:1", "https://x.example/{region}")
    assert mixed.hosts_on_this_machine == ("127.0.0.1",)
