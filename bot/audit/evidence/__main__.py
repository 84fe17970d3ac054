"""Runs the program, also as a folder that was copied: `python -I -S bot/evidence FILE`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    if not __package__:
        # A folder that is run has itself on the path, and not the one that `bot` is in.
        sys.path[0] = str(Path(__file__).resolve().parents[2])

    from bot.audit.evidence.program import main

    sys.exit(main())
