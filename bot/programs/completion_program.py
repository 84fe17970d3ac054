"""`pgbot completion`: words for the Tab key of bash, zsh and fish. Light to import: a person waits for it."""

import argparse
import os
import pkgutil
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import handlers
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.programs.terminal_screen import say
from bot.settings.data_folder import find_data_folder

SCRIPTS = {
    "bash": """_pgbot() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
        pgbot completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _pgbot pgbot""",
    "zsh": """_pgbot() {
    local -a found
    found=("${(@f)$(pgbot completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    [[ -n $found[1] ]] && compadd -a found || _files
}
compdef _pgbot pgbot""",
    # Files are no words of a command.
    "fish": """complete -c pgbot -f -n '__fish_seen_subcommand_from run completion'
complete -c pgbot -a '(pgbot completion words -- (commandline -opc)[2..] (commandline -ct))'""",
}

NAMES = "cluster-names"
"""The file in the data folder with the names of clusters, which `pgbot serve` renews with each listing."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,200}")
"""Names that no shell reads as anything else; others are not offered."""


def run(args: argparse.Namespace) -> int:
    """Print the shell's script, or the words that can stand where the last one is being typed."""
    if args.shell in SCRIPTS:
        say(SCRIPTS[args.shell])
        return ExitCode.OK
    typed = args.words[1:] if args.words[:1] == ["--"] else args.words
    if found := complete_words(typed, args.programs, _read_names()):
        say(*found)
    return ExitCode.OK


def complete_words(typed: Sequence[str], programs: Iterable[str], clusters: Iterable[str]) -> list[str]:
    """Return what the last of the words can become, given those before it."""
    *before, last = typed or [""]
    if "--config" in before[-1:]:
        return []
    # Without options, and without the file after `--config`.
    valued = {number + 1 for number, word in enumerate(before) if word == "--config"}
    given = [word for n, word in enumerate(before) if n not in valued and not word.startswith("-")]
    found: Iterable[str] = ()
    if not given:
        found = programs
    elif given[0] == "completion":
        found = SCRIPTS if len(given) == 1 else ()
    elif given[0] == "run":
        found = _next_words(given[1:], clusters)
    return sorted({each for each in found if each.startswith(last)})


def _next_words(given: list[str], clusters: Iterable[str]) -> Iterable[str]:
    """Return the next words of the commands that begin like this, and clusters behind a whole command."""
    commands = [each.name.split("_") for each in pkgutil.iter_modules(handlers.__path__) if not each.ispkg]
    found = {each[len(given)] for each in commands if each[: len(given)] == given and len(each) > len(given)}
    is_whole = any(given[: len(each)] == each for each in commands)
    return found | set(clusters) if is_whole else found


def remember_names(folder: Path, names: Iterable[str], *, is_complete: bool) -> None:
    """Write the names of clusters for the Tab key; those of an earlier listing stay if this one has gaps.

    Raises OSError. Readable by the bot's user alone.
    """
    known = {name for name in names if _PLAIN.fullmatch(name)} | (set() if is_complete else _read(folder))
    if known == _read(folder):
        return
    part = folder / f".{NAMES}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{name}\n" for name in sorted(known)))
    part.replace(folder / NAMES)


def _read_names() -> set[str]:
    try:
        return _read(find_data_folder(os.environ))
    except ConfigError:
        return set()


def _read(folder: Path) -> set[str]:
    try:
        lines = (folder / NAMES).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return set()
    return {line for line in lines if _PLAIN.fullmatch(line)}
