"""Requests within each API's published limits; everything else is refused in words before any call."""

from dataclasses import replace

import pytest
from api_values import AT, LAN, NEW_V1, NEW_V2, PASSWORD, USER, WINDOW
from pydantic import SecretStr

from bot.domain.cluster import MaintenanceWindow
from bot.domain.cluster_spec import RestoreTo
from bot.domain.errors import BadArgument
from bot.ionos.v1 import requests as v1_requests
from bot.ionos.v2 import requests as v2_requests

pytestmark = pytest.mark.anyio


def test_a_new_v1_cluster_in_mb():
    new = replace(
        NEW_V1,
        pooler="Session",
        maintenance=WINDOW,
        backup_location="de",
        from_backup=RestoreTo(backup_id="b-1", target=AT),
    )

    assert v1_requests.create_cluster(new, USER) == {
        "properties": {
            "postgresVersion": "16",
            "instances": 3,
            "cores": 4,
            "ram": 8192,
            "storageSize": 30480,
            "storageType": "SSD Premium",
            "connections": [
                {
                    "datacenterId": "03a8fdf1-fbc4-43f6-91ce-0506444e17dd",
                    "lanId": "2",
                    "cidr": "192.168.1.4/24",
                }
            ],
            "location": "de/txl",
            "backupLocation": "de",
            "displayName": "Orders (prod)",
            "maintenanceWindow": {"time": "16:30:59", "dayOfTheWeek": "Sunday"},
            "credentials": {"username": "orders", "password": PASSWORD},
            "synchronizationMode": "ASYNCHRONOUS",
            "fromBackup": {"backupId": "b-1", "recoveryTargetTime": "2026-11-20T10:00:00.000Z"},
            "connectionPooler": {"enabled": True, "poolMode": "session"},
        }
    }


def test_a_new_v2_cluster_in_gb():
    new = replace(NEW_V2, description="Orders", pooler="transaction", logs_enabled=True)
    new = replace(new, from_backup=RestoreTo(backup_id="b-2"))

    assert v2_requests.create_cluster(new, USER) == {
        "properties": {
            "name": "orders-prod",
            "description": "Orders",
            "version": "16",
            "instances": {"count": 3, "cores": 4, "ram": 8, "storageSize": 30},
            "connection": {
                "datacenterId": "03a8fdf1-fbc4-43f6-91ce-0506444e17dd",
                "lanId": "2",
                "primaryInstanceAddress": "192.168.1.4/24",
            },
            "maintenanceWindow": {"time": "16:30:59", "dayOfTheWeek": "Sunday"},
            "replicationMode": "ASYNCHRONOUS",
            "connectionPooler": "TRANSACTION",
            "credentials": {"username": "orders", "password": PASSWORD, "database": "orders"},
            "restoreFromBackup": {"sourceBackupId": "b-2"},
            "logsEnabled": True,
            "backup": {"location": "eu-central-3", "retentionDays": 7},
        }
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"postgres_version": "16.2"}, "major"),
        ({"postgres_version": "16\n"}, "major"),
        ({"instances": 0}, "1 to 5 instances"),
        ({"instances": 6}, "1 to 5 instances"),
        ({"instances": True}, "1 to 5 instances"),
        ({"cores": 0}, "at least 1 core"),
        ({"ram_mb": 2048}, "4 or more"),
        ({"ram_mb": 5000}, "whole number of GB"),
        ({"storage_mb": 10239}, "10 GB to 2048 GB"),
        ({"storage_mb": 2097153}, "10 GB to 2048 GB"),
        ({"storage_type": "Tape"}, "storage type"),
        ({"storage_type": ""}, "storage type"),
        ({"backup_location": ""}, "backup location"),
        ({"postgres_version": ""}, "major"),
        ({"replication": ""}, "ASYNCHRONOUS or STRICTLY"),
        ({"pooler": ""}, "disabled, transaction, session"),
        ({"region": "mars/1"}, "location"),
        ({"name": ""}, "name"),
        ({"replication": "SYNCHRONOUS"}, "ASYNCHRONOUS or STRICTLY"),
        ({"pooler": "fast"}, "disabled, transaction, session"),
        ({"maintenance": MaintenanceWindow(day="sunday", time="16:30:59")}, "day name"),
        ({"maintenance": MaintenanceWindow(day="Sunday", time="16:30")}, "HH:MM:SS"),
        ({"maintenance": MaintenanceWindow(day="Sunday", time="24:00:00")}, "HH:MM:SS"),
        ({"connection": replace(LAN, address="192.168.1.4")}, "prefix length"),
        ({"connection": replace(LAN, address="::1/64")}, "IPv4"),
        ({"connection": replace(LAN, address="192.168.1.4/255.255.255.0")}, "prefix length"),
        ({"connection": replace(LAN, address="192.168.1.4/0.0.0.255")}, "prefix length"),
        ({"connection": replace(LAN, address="192.168.1.4/024")}, "prefix length"),
        ({"connection": replace(LAN, address="192.168.1.4/24\n")}, "prefix length"),
        ({"connection": replace(LAN, address=None)}, "IPv4"),
        ({"connection": replace(LAN, address="10.233.1.1/24")}, "10.233.0.0/18"),
        ({"connection": replace(LAN, address="10.233.114.9/24")}, "10.233.64.0/18"),
        ({"connection": replace(LAN, lan_id=None)}, "LAN"),
        ({"connection": replace(LAN, lan_id="public")}, "LAN"),
        ({"connection": replace(LAN, datacenter_id="")}, "data centre"),
        ({"connection": replace(LAN, datacenter_id="Frankfurt")}, "data centre's id, such as 03a8fdf1-"),
        ({"from_backup": RestoreTo()}, "id of a backup"),
        ({"from_backup": RestoreTo(backup_id="b", target=AT.replace(tzinfo=None))}, "zone"),
    ],
)
def test_a_new_v1_cluster_outside_the_limits_is_refused(wrong, words):
    with pytest.raises(BadArgument, match=words):
        v1_requests.create_cluster(replace(NEW_V1, **wrong), USER)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "Orders (prod)"}, "alphanumeric"),
        ({"name": "x"}, "2 to 63"),
        ({"name": ""}, "2 to 63"),
        ({"postgres_version": ""}, "major"),
        ({"replication": ""}, "ASYNCHRONOUS or STRICTLY"),
        ({"pooler": ""}, "disabled, transaction, session"),
        ({"cores": 0}, "1 to 62 cores"),
        ({"backup_retention_days": 0}, "1 to 365 days"),
        ({"connection": replace(LAN, address="192.168.1.4/255.255.255.0")}, "prefix length"),
        ({"name": "x" * 64}, "2 to 63"),
        ({"name": "-x"}, "alphanumeric"),
        ({"name": "ab\n"}, "alphanumeric"),
        ({"ram_mb": 3072}, "4 GB to 240 GB"),
        ({"ram_mb": 245761}, "whole number of GB"),
        ({"ram_mb": 246784}, "4 GB to 240 GB"),
        ({"storage_mb": 30480}, "whole number of GB"),
        ({"storage_mb": 4195328}, "10 GB to 4096 GB"),
        ({"cores": 63}, "1 to 62 cores"),
        ({"instances": 6}, "1 to 5 instances"),
        ({"instances": 2, "replication": "STRICTLY_SYNCHRONOUS"}, "at least 3 instances"),
        ({"maintenance": None}, "maintenance window"),
        ({"backup_location": None}, "backup location"),
        ({"backup_retention_days": None}, "1 to 365 days"),
        ({"backup_retention_days": 366}, "1 to 365 days"),
        ({"connection": replace(LAN, address="10.209.0.4/24")}, "10.208.0.0/12"),
        ({"pooler": "fast"}, "disabled, transaction, session"),
    ],
)
def test_a_new_v2_cluster_outside_the_limits_is_refused(wrong, words):
    with pytest.raises(BadArgument, match=words):
        v2_requests.create_cluster(replace(NEW_V2, **wrong), USER)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": SecretStr("short1A")}, "8 to 63"),
        ({"password": SecretStr("canary-without-capital-1!")}, "upper-case"),
        ({"password": SecretStr("CANARY-WITHOUT-SMALL-1!")}, "lower-case"),
        ({"password": SecretStr("Canary-without-digit!")}, "digit"),
        ({"password": SecretStr("Canarywithoutsign1")}, "one of"),
        ({"password": SecretStr("Canary-9!" + "x" * 60)}, "8 to 63"),
        ({"username": "o"}, "2 to 16"),
        ({"username": "order-user"}, "letters, digits or underscores"),
        ({"username": "o" * 17}, "2 to 16"),
        ({"username": "Postgres"}, "reserved"),
        ({"database": None}, "database"),
        ({"database": "a-b"}, "database"),
    ],
)
def test_v2_credentials_outside_the_rules_are_refused_without_being_shown(wrong, words):
    with pytest.raises(BadArgument, match=words) as caught:
        v2_requests.create_cluster(NEW_V2, replace(USER, **wrong))

    assert "anary" not in str(caught.value).lower()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
