"""`pgbot audit …` in this process, as the command line starts it."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from bot.programs.program_arguments import PROGRAMS


@dataclass(frozen=True)
class Printed:
    code: int
    out: str
    err: str


@dataclass
class AuditPrograms:
    """A runner of audit programs in a data folder of their own; `text` is their output."""

    folder: Path
    capsys: object

    @property
    def db(self):
        return self.folder / "pgbot.db"

    async def run(self, *words):
        parser = argparse.ArgumentParser()
        parser.set_defaults(config=None)
        PROGRAMS["audit"][1](parser)
        args = parser.parse_args([str(each) for each in words])
        self.capsys.readouterr()
        code = await args.program(args)
        printed = self.capsys.readouterr()
        return Printed(code, printed.out, printed.err)
