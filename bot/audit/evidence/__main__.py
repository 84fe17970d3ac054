"""Entry point: `python -m bot.audit.evidence FILE`, or `python evidence FILE` with a copy of this folder."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    folder = Path(__file__).resolve().parent
    if not __package__:
        # A folder that is run stands on the path itself; its package is found from the one that it is in.
        sys.path[0] = str(folder.parent)
    program = importlib.import_module(".program", __package__ or folder.name)
    sys.exit(program.main())
