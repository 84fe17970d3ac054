"""`pgbot` with one more command, `stall loop`, found as every other command is."""

import sys
from pathlib import Path

import handlers
from bot.programs.cli import main

if __name__ == "__main__":
    handlers.__path__.append(str(Path(__file__).with_name("stalling_handlers")))
    sys.exit(main())
