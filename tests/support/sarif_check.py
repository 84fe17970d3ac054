"""A check of SARIF logs against the standard: by schema, and by what no schema can say."""

import json
from pathlib import Path

from jsonschema_rs import Draft202012Validator

_FILE = Path(__file__).parents[1] / "specs" / "sarif-2.1.0-subset.schema.json"
VALIDATOR = Draft202012Validator(json.loads(_FILE.read_text(encoding="utf-8")), validate_formats=True)


def checked_run(text):
    """Return the only run of a log, after checking everything that the standard demands of it."""
    assert text.isascii()
    log = json.loads(text)
    VALIDATOR.validate(log)
    run = log["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
    # All results of a run have suppressions, or none has (3.27.23).
    assert len({"suppressions" in result for result in run["results"]}) <= 1
    return run
