"""How many random examples a test tries: few in each run, and many in a soak."""

import os


def examples(few, many):
    """Return `many` in a soak, for which SOAK_RUNS is set, else `few`."""
    return many if "SOAK_RUNS" in os.environ else few
