"""A Dockerfile as a list of steps, and enough of Docker to run the ones that install and start."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """A build stage: its working directory, its environment, and its commands."""

    name: str
    root: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    user: str = "root"
    volumes: list[str] = field(default_factory=list)
    healthcheck: str = ""

    def inside(self, path: str) -> Path:
        """Return the path below the folder that simulates the image."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.folder / path


def instructions(path: Path) -> list[tuple[str, str]]:
    """Return keyword and rest of every instruction, continued lines joined, comments left out."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, " ".join(rest.split()))
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


class Build:
    """A run of the steps in order. `run` is called with each RUN line and the stage it belongs to."""

    def __init__(self, project: Path, work: Path, run):
        self.project = project
        self.work = work
        self.run = run
        self.stages: list[Stage] = []

    async def take(self, path: Path) -> Stage:
        """Run every instruction; return the last stage."""
        for word, rest in instructions(path):
            await getattr(self, f"_{word.lower()}")(rest)
        return self.stages[-1]

    async def _from(self, rest):
        _, _, name = rest.partition(" AS ")
        root = self.work / (name or "image")
        root.mkdir(parents=True)
        self.stages.append(Stage(name, root, root))

    async def _workdir(self, rest):
        self.stages[-1].folder = self.stages[-1].inside(rest)
        self.stages[-1].folder.mkdir(parents=True, exist_ok=True)

    async def _env(self, rest):
        self.stages[-1].environment |= dict(pair.split("=", 1) for pair in rest.split())

    async def _copy(self, rest):
        *sources, target = rest.split()
        origin = self.project
        if sources[0].startswith("--from="):
            stage = next(each for each in self.stages if each.name == sources[0].removeprefix("--from="))
            sources = [str(stage.inside(source)) for source in sources[1:]]
            origin = Path("/")
        for source in sources:
            here, there = origin / source, self.stages[-1].inside(target)
            if here.is_dir():
                shutil.copytree(here, there, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(here, there / here.name if there.is_dir() else there)

    async def _run(self, rest):
        await self.run(self.stages[-1], rest)

    async def _cmd(self, rest):
        self.stages[-1].command = json.loads(rest)

    async def _user(self, rest):
        self.stages[-1].user = rest

    async def _volume(self, rest):
        self.stages[-1].volumes.append(rest)

    async def _healthcheck(self, rest):
        self.stages[-1].healthcheck = rest

    async def _expose(self, rest):
        assert rest.isdecimal()

    async def _stopsignal(self, rest):
        assert rest == "SIGTERM"
