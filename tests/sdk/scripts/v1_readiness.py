"""A readiness read of v1 with IONOS's own client in a loop; prints number, time and peak memory."""

import json
import sys
import time
from pathlib import Path

import ionoscloud_dbaas_postgres as sdk

PAGE = 1000


def pages(get):
    """Yield whole pages, one after the other, until one is short."""
    offset, last = 0, None
    while last is None or len(last) == PAGE:
        last = get(limit=PAGE, offset=offset).items or []
        yield from last
        offset += PAGE


def peak_mb():
    """Return the most memory that this process ever had, in MB (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 1024


started = time.perf_counter()
configuration = sdk.Configuration(host=f"{sys.argv[1]}/databases/postgresql", token="demo-token")
client = sdk.ApiClient(configuration)
clusters = list(pages(sdk.ClustersApi(client).clusters_get))
backups = list(pages(sdk.BackupsApi(client).clusters_backups_get))
users, databases = sdk.UsersApi(client), sdk.DatabasesApi(client)
found = {
    one.id: (users.users_list(one.id, system="true"), databases.databases_list(one.id)) for one in clusters
}
took = time.perf_counter() - started
sys.stdout.write(json.dumps({"clusters": len(found), "seconds": took, "peak_mb": peak_mb()}))
