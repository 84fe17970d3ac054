"""The Dockerfile's own steps, taken in empty virtual environments, end in a bot that works."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest
from dockerfile import Build
from programs_site import clean_environment, open_programs_stage, run, running_program

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


async def in_venv(stage, line):
    """Run the line with the stage's own empty virtual environment in place of the image's Python."""
    if line.startswith("groupadd"):
        return  # makes a user of the image; that the stage then runs as that user is asserted below
    assert line.startswith("pip "), f"this test does not know how to take the step: {line}"
    venv = stage.root / "venv"
    if not venv.exists():
        # Without pip, which would take as long to install as the build's packages: ours installs into it.
        made = await run("-m", "venv", "--without-pip", str(venv), program=(sys.executable,))
        assert made.code == 0, made.err
    # Compiling what is imported once would take a third of the time.
    pip = {"PYTHONWARNINGS": "", "PIP_COMPILE": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    words = f"{sys.executable} -m pip --python {venv}/bin/python {line.removeprefix('pip ')}"
    ended = await run("-c", words, program=("sh",), cwd=stage.folder, env=pip, seconds=300)
    assert ended.code == 0, ended.out + ended.err


async def test_the_image_installs_a_wheel_runs_without_rights_and_checks_out(tmp_path):
    image = await Build(ROOT, tmp_path / "docker", in_venv).take(ROOT / "Dockerfile")
    packages = next((image.root / "venv" / "lib").glob("python*")) / "site-packages"

    assert image.user == "10001:10001"
    assert image.volumes == ["/data"]
    assert image.environment["PYTHONSAFEPATH"] == "1"
    assert (packages / "bot" / "demo" / "app.yaml").exists()
    assert not list(packages.glob("*.pth")) or not any(
        "src" in path.read_text() for path in packages.glob("*.pth")
    )

    async with open_programs_stage(tmp_path) as (_, environment):
        inside = image.environment | {"PATH": f"{image.root}/venv/bin"} | environment
        inside |= {"PGBOT_HTTP__HOST": "127.0.0.1", "PYTHONWARNINGS": ""}
        python, health = (
            (f"{image.root}/venv/bin/python",),
            json.loads(image.healthcheck.partition(" CMD ")[2]),
        )
        assert health.pop(0) == "python"
        program = (str(image.root / "venv" / "bin" / image.command[0]),)
        checked = await run("check", program=program, env=inside, cwd=image.folder)
        assert checked.code == 0, checked.out + checked.err
        async with running_program(*image.command[1:], program=program, env=inside, cwd=image.folder) as bot:
            async with asyncio.timeout(120):
                line = await bot.stderr.readline()
                assert line.startswith(b"{"), line + await bot.stderr.read()
                ready = json.loads(line)
                healthy = await run(*health, program=python, env=inside, cwd=image.folder)
                assert (healthy.code, healthy.out) == (0, f"{ready['url']}/healthz returned 200\n"), (
                    healthy.err
                )
                asked = await run("run", "whoami", program=program, env=inside, cwd=image.folder)
                assert (asked.code, asked.err) == (0, ""), asked.err
                bot.send_signal(signal.SIGTERM)
                assert await bot.wait() == 0


def test_the_environment_of_a_program_has_no_settings_from_outside():
    assert [name for name in clean_environment({}) if name.startswith(("PGBOT_", "IONOS_", "SLACK_"))] == []
