"""`pgbot` with one more command, `stall loop`, found as every other command is."""

import sys
from pathlib import Path

import handlers
from bot.programs.cli import main
from bot.programs.kernel import registry

if __name__ == "__main__":
    handlers.__path__.append(str(Path(__file__).with_name("stalling_handlers")))
    registry.cache_clear()  # a fork knows the commands of its parent
    sys.exit(main())
