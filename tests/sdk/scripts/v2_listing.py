"""Lists every cluster of v2 with IONOS's own client, host by host; prints number, time and peak memory."""

import json
import sys
import time
from pathlib import Path

import ionoscloud_dbaas_postgres as sdk

PAGE = 1000


def pages(api):
    """Yield whole pages, one after the other, until one is short, since `next` never ends."""
    offset, last = 0, None
    while last is None or len(last) == PAGE:
        last = api.clusters_get(limit=PAGE, offset=offset).items or []
        yield from last
        offset += PAGE


def peak_mb():
    """Return the most memory that this process ever had, in MB (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 1024


started = time.perf_counter()
clusters = []
for region in sys.argv[2:]:
    configuration = sdk.Configuration(host=f"{sys.argv[1]}/{region}", token="demo-token")
    clusters += pages(sdk.ClustersApi(sdk.ApiClient(configuration)))
took = time.perf_counter() - started
sys.stdout.write(json.dumps({"clusters": len(clusters), "seconds": took, "peak_mb": peak_mb()}))
