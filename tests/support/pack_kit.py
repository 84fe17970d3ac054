"""The pack of made-up facts, built with the client's own send models, and readers of its content."""

import json
import re
import subprocess
from pathlib import Path

from cloud_specs import validator
from rule_kit import NOW

import migrations.rules
from bot.ionos.v2.requests import create_cluster
from migrations.collect import CollectedFacts
from migrations.pack.build import pack
from migrations.pack.target_cluster import TargetCluster
from migrations.readiness import Assessment, assess_fleet
from migrations.rule import Rule, discover_rules
from migrations.v2_presence import pair_fleet

RULES = discover_rules(migrations.rules, Rule)


def assess(facts) -> Assessment:
    """Return the assessment of one cluster by every rule."""
    twins = [each for each in (facts.v2_cluster, facts.v2_successor) if hasattr(each, "api")]
    (where,) = pair_fleet((facts.cluster,), twins, ()).values()
    report = assess_fleet(CollectedFacts(facts=((facts, where),), gaps=()), RULES, NOW)
    return report.assessments[0]


def pack_files(facts) -> dict[str, str]:
    """Return every file of the pack by its name."""
    return {each.name: each.text for each in pack(facts, assess(facts), create_cluster)}


def fill_samples(text: str, target: TargetCluster) -> str:
    """Return the body with every blank filled in by its sample, as a person would fill it in."""
    for blank in target.blanks:
        text = text.replace(f'"<{blank.name}>"', json.dumps(_sent(blank.sample)))
    return text


def _sent(sample):
    return sample.upper() if sample == "disabled" else sample


def request_errors(body: str) -> list[str]:
    """Return where a body breaks v2's specification of POST /clusters."""
    reference = "#/paths/~1clusters/post/requestBody/content/application~1json/schema"
    found = validator("v2", reference).iter_errors(json.loads(body))
    return sorted("/".join(str(step) for step in error.absolute_path) for error in found)


def hcl_text(quoted: str) -> str:
    """Return Terraform's reading of a quoted string as python-hcl2 hands it out."""
    assert quoted[0] == quoted[-1] == '"', quoted
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", quoted), "a template begins in it"
    plain = re.sub(r"([$%])\1\{", r"\1{", quoted[1:-1])
    return re.sub(r'\\(u[0-9a-f]{4}|U[0-9a-f]{8}|[nrt"\\])', _unescaped, plain)


def _unescaped(match: re.Match) -> str:
    what = match[1]
    if what[0] in "uU":
        return chr(int(what[1:], 16))
    return {"n": "\n", "r": "\r", "t": "\t"}.get(what, what)


def psql_variables(text: str) -> dict[str, str]:
    """Return the variables that a script sets, as psql reads them."""
    found = re.findall(r"^\\set (\w+) '(.*)'$", text, re.MULTILINE)
    return {name: _read_quoted(value) for name, value in found}


def _read_quoted(value: str) -> str:
    def read(match: re.Match) -> bytes:
        return bytes.fromhex(match[1].decode()) if match[1] else match[0][1:]

    return re.sub(rb"\\x([0-9a-f]{2})|\\\\|''", read, value.encode()).decode()


def run_script(folder: Path, script: str, *words: str, **environment: str) -> tuple[int, list[list[str]]]:
    """Run a script under a fake ionosctl; returns its exit code, and the arguments of every call."""
    calls = folder / "calls"
    calls.write_bytes(b"")
    tool = folder / "ionosctl"
    tool.write_text('#!/bin/sh\nprintf "%s\\0" "$@" >> calls\nprintf "\\n\\0" >> calls\n', encoding="utf-8")
    tool.chmod(0o755)
    (folder / "ionosctl.sh").write_text(script, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own script, and a fake of the tool that it calls
        ["/bin/sh", "ionosctl.sh", *words],
        cwd=folder,
        env={"PATH": str(folder), **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    parts = calls.read_text(encoding="utf-8").split("\n\0")
    return done.returncode, [each.split("\0")[:-1] for each in parts[:-1]]
