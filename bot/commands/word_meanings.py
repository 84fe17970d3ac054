"""Meanings of what people type: synonyms that many commands share, and the reading of one line by them.

A command's own synonyms are declared beside it; see `Command.synonyms`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.name_match import fold_name
from bot.domain.nearest_names import count_typos

MOST_WORDS, LONGEST_WORD = 20, 60
"""Words of a line that are read, and characters that a word may have: nobody means more than that."""

SHARED: dict[str, frozenset[str]] = {
    word: frozenset(others.split())
    for word, others in {
        "list": "ls all every lists",
        "show": "tell give get describe view display see inspect info detail details print look check find",
        "create": "make new add provision launch spin",
        "delete": "remove drop destroy rm del kill erase terminate purge decommission wipe",
        "set": "change modify edit alter update configure adjust switch enable disable turn move assign",
        "cluster": "instance server fleet host node",
        "database": "db schema",
        "user": "account login role",
        "add": "create new make",
        "remove": "delete drop rm del",
        "backup": "snapshot dump pitr wal",
        "log": "logfile",
        "change": "request proposal approval ticket",
        "version": "release",
        "policy": "permission access",
        "key": "gpg pgp",
        "maintenance": "window",
        "network": "ip lan vlan",
        "pooler": "pgbouncer pooling",
        "replication": "standby",
        "password": "credential secret passwd",
    }.items()
}
"""Synonyms of words that stand in the names of several commands, or are too plain to belong to one."""

READ_VERBS = frozenset({"list", "show"}).union(SHARED["list"], SHARED["show"])
SET_VERBS = frozenset({"set", "put"}).union(SHARED["set"])
"""Verbs that ask to see something, and those that ask for a change of whatever thing is named after them."""

_TOPICS = ("maintenance", "network", "pooler", "replication", "logging", "password")
TOPICS = frozenset(_TOPICS).union(*(SHARED.get(word, frozenset()) for word in _TOPICS))
"""Words of changes that name a thing and no act: alone, they ask for nothing."""

_ASKING = frozenset(("what", "which", "who", "whose", "how", "when", "where", "why"))
_AUXILIARY = (
    "is are was were am be been do does did has have had can could should would will shall may might must"
)
_FILLERS = (
    "a an the of for to on in at by with from into and or not my our me i we you it its this that these "
    "those there any some please pls now us mine need want like let lets just today named called ones one "
    "up got so thanks thank hi hello hey then if about as they them out kindly over still yet again last "
    "past recent help latest send postgres postgresql pg"
)
_BESIDE = frozenset(f"{_AUXILIARY} {_FILLERS}".split())
"""Words that stand beside what is meant."""

_HOW = re.compile(r"\bhow (?:do|to|can|does|should|would|could)\b|\bhelp\b")
_WRAPPING = "/?!.,;:()[]{}\"'“”‘’«»<>*_~`"
_APART = re.compile(r"(\d) ([kmgt]i?b)\b", re.IGNORECASE)
"""A size whose unit stands apart."""

_SPAN = re.compile(r"\b(\d{1,4}|an?|one) (week|day|hour|minute)s?\b", re.IGNORECASE)
"""A length of time in words."""

_NAME = re.compile(r"[-_\d]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Known words that one typed word stands for, by how certain that is: 1 at most.

    `is_inflected`: it is a plural or a past form, which names things and asks for no act.
    """

    certain: dict[str, float]
    is_inflected: bool = False


@dataclass(frozen=True, slots=True)
class TypedWords:
    """A line, word by word: `words` are folded and bare, `given` as typed; both without fillers.

    `names` are the places in `words` of what no known word explains, `before` the filler before each place.
    """

    line: str
    words: tuple[str, ...]
    given: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    before: tuple[str, ...]
    is_question: bool
    asks_how: bool
    names: tuple[int, ...]


def read_words(typed: Sequence[str], vocabulary: Iterable[str]) -> TypedWords:
    """Return the line with the meaning of each word. Takes time as the line grows, up to `MOST_WORDS`."""
    known = frozenset(vocabulary)
    text = _SPAN.sub(_shorten_span, _APART.sub(r"\1\2", " ".join(typed)))
    shown = [word for word in text.split()[:MOST_WORDS] if len(word) <= LONGEST_WORD]
    bare = [(fold_name(word).strip(_WRAPPING), word.strip(_WRAPPING)) for word in shown]
    first = next((word for word, _ in bare if word), "")
    line = " ".join(word for word, _ in bare if word)
    is_question = first in _ASKING.union(_AUXILIARY.split()) or any(
        word.rstrip("!.").endswith("?") for word in shown
    )
    words, given, meanings, before, last = [], [], [], [], ""
    for word, original in _split_joined(bare, known):
        if word in _BESIDE or not word or original.startswith("-"):
            last = word
            continue
        words.append(word)
        given.append(original)
        meanings.append(find_meaning(word, known) if word not in _ASKING else Meaning({"": 1}))
        before.append(last)
        last = ""
    is_sentence = is_question or len(words) > 5
    names = tuple(
        place
        for place, meaning in enumerate(meanings)
        if not meaning.certain and (not is_sentence or is_name(words[place]))
    )
    return TypedWords(
        line=line,
        words=tuple(words),
        given=tuple(given),
        meanings=tuple(meanings),
        before=tuple(before),
        is_question=is_question,
        asks_how=bool(_HOW.search(line)),
        names=names,
    )


def _shorten_span(found: re.Match[str]) -> str:
    """Return `1w` for “a week”."""
    count = found[1] if found[1].isdecimal() else "1"
    return f"{count}{found[2][0].lower()}"


def is_name(word: str) -> bool:
    """Return whether a word is a name rather than a word of a sentence: it has a dash or a digit."""
    return _NAME.search(word) is not None and any(map(str.isalpha, word))


def find_meaning(word: str, known: frozenset[str]) -> Meaning:
    """Return what a word stands for: itself, the base of its form, or what it was mistyped from."""
    bases = [base for base in _base_forms(word) if base in known]
    itself = [word] if word in known else []
    if bases or itself:
        return Meaning(dict.fromkeys([*itself, *bases], 1.0), is_inflected=bool(bases))
    return Meaning({each: 0.8 for each in known if is_typo(word, each)})


def is_typo(word: str, meant: str) -> bool:
    """Return whether a word is another one mistyped: two letters swapped, or from five letters on, one wrong.

    A longer form of the same word is none, and no name with digits or dashes is.
    """
    if abs(len(word) - len(meant)) > 2 or min(len(word), len(meant)) < 4 or not word.isalpha():
        return False
    if word.startswith(meant) or (word[0] != meant[0] and sorted(word) != sorted(meant)):
        return False
    most = 2 if min(len(word), len(meant)) >= 8 else 1
    distance = count_typos(word, meant, most)
    return distance <= most and (min(len(word), len(meant)) >= 5 or sorted(word) == sorted(meant))


def _base_forms(word: str) -> list[str]:
    """Return what the plural or another form of a word may come from."""
    endings = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"))
    return [
        word.removesuffix(ending) + instead
        for ending, instead in endings
        if word.endswith(ending) and len(word) > len(ending) + 1
    ]


def _split_joined(bare: list[tuple[str, str]], known: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Yield the words, and those of `cluster-list` or `cluster/list` one by one."""
    for word, original in bare:
        parts = re.split(r"[-_/.:]", word)
        if len(parts) > 1 and all(part in known or known.intersection(_base_forms(part)) for part in parts):
            yield from ((part, part) for part in parts)
        else:
            yield word, original
