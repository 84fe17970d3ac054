"""Counts of random examples per test: few in each run, many in a soak."""

import os


def examples(few, many):
    """Return `many` in a soak, for which SOAK_RUNS is set, else `few`."""
    return many if "SOAK_RUNS" in os.environ else few
