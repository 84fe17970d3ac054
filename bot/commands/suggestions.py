"""Commands that a line probably means: by the meaning of its words, then by their spelling.

Words may stand in any order. A command that changes something is suggested only where its verb is typed, and
never for a question or for what asks to see something. Nothing but the line itself is looked at, so no
suggestion depends on what there is.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2

from bot.commands.declaration import Command, size_limits
from bot.commands.tokenizer import quote_word
from bot.commands.word_meanings import (
    READ_VERBS,
    SET_VERBS,
    SHARED,
    TOPICS,
    Meaning,
    TypedWords,
    is_name,
    read_words,
)
from bot.domain.command_info import CommandEffect
from bot.domain.redaction import make_storable

MOST = 3
"""Suggestions that one answer makes."""

_LEAST, _NEAR = 1.9, 0.88
"""The least score of a suggestion, and its least part of the best one's."""

_VERB, _NOUN, _ONE_WORD, _PHRASE = 2.0, 2.0, 3.3, 1.5
_IMPLIED_NOUN, _ONLY_NOUN = 0.8, 1.5
"""Scores of a noun that nobody typed: of clusters, and of the only group that has the verb."""

_LONE = 0.6
_OTHER_NOUN, _OTHER_WORD, _OTHER_ACT = 0.8, 0.3, 1.0
"""What a word that is understood and is not of the command says against it; an act, if the line begins with
it: “withdraw my restore” asks for no restore."""

_MOST_HABIT, _READ_FOR_WRITE = 0.4, 0.9
"""What having run a command says for it at most, and what asking for a change says against a read."""

_LIST, _SHOW, _PLAIN_NOUN, _CHANGE = "list", "show", "cluster", "change"
_CHANGE_ID = re.compile(r"c-[a-z0-9]{3,}")
_BACKUP_ID = re.compile(r"(?=.*\d)[\w-]{8,}")
_DURATION = re.compile(r"\d+[smhdw]")
_SIZE = re.compile(r"\d+[kmgt]i?b?")
_REPORT_NAME = re.compile(r"[a-z][a-z0-9-]*")
_BEGINNING = 2
_ABOUT = frozenset({"on", "in", "from", "for", "at"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command that may be meant, and the line to type. `score` has no unit: more is likelier."""

    command: Command
    line: str
    score: float
    is_help: bool = False


@dataclass(slots=True)
class _Match:
    """A command with the words of the line that speak for it, by their places."""

    command: Command
    own: float = 0.0
    noun: float = 0.0
    is_act: bool = False
    is_phrase: bool = False
    used: set[int] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


def suggest_commands(
    typed: Sequence[str], commands: Collection[Command], ran: Mapping[str, int] | None = None
) -> list[Suggestion]:
    """Return the commands that may be meant, likeliest first; empty where nothing speaks for any.

    `ran` counts what the person has run, by a command's name. Whether they may run it is not looked at.
    """
    each_own = (own_words(each) | group_words(each) for each in commands)
    words = read_words(typed, frozenset().union(*each_own, READ_VERBS, SET_VERBS))
    if not words.words:
        return []
    text = " ".join(typed)
    has_secret = make_storable(text) != text
    scorer = _Scorer(words, commands, ran or {}, is_bare=has_secret or words.asks_how)
    found = [each for command in commands if (each := scorer.rate(command))]
    found = found or [each for command in commands if (each := scorer.rate_name(command))]
    ranked = sorted(found, key=lambda each: (-each.score, each.line))
    if not ranked:
        return []
    near = [each for each in ranked if each.score >= ranked[0].score * _NEAR]
    if not ranked[0].is_help and not _is_read(ranked[0].command):
        near = [each for each in near if not _is_read(each.command)]
    return near if scorer.is_bare else [one for each in near for one in scorer.spell_sizes(each)]


def own_words(command: Command) -> frozenset[str]:
    """Return the words that stand for a command's act: its last word, and their synonyms."""
    single = {each for each in command.synonyms if " " not in each}
    return frozenset({command.words[-1]}).union(single, SHARED.get(command.words[-1], ()))


def group_words(command: Command) -> frozenset[str]:
    """Return the words that stand for the noun that a command belongs to."""
    return frozenset({command.group}).union(SHARED.get(command.group, ()))


def write_verbs(commands: Collection[Command]) -> frozenset[str]:
    """Return the words that ask for a change: without one of them, no write is ever suggested."""
    acts = (own_words(each) for each in commands if each.effect is CommandEffect.WRITE)
    return frozenset().union(*acts, SET_VERBS) - TOPICS - READ_VERBS


class _Scorer:
    """A line against all commands. If it `is_bare`, they are suggested without arguments."""

    def __init__(
        self, words: TypedWords, commands: Collection[Command], ran: Mapping[str, int], *, is_bare: bool
    ) -> None:
        self._words = words
        self._ran = ran
        self.is_bare = is_bare
        self._nouns = self._find_places(frozenset().union(*map(group_words, commands)))
        # “the restore” may be a change that was asked for, so it does not speak against “withdraw”.
        asked = (each.words[0] for each in commands if len(each.words) == 1 and not _is_read(each))
        self._asked = self._find_places(frozenset(asked))
        self._groups_by_word: dict[str, set[str]] = {}
        for command in commands:
            for word in own_words(command):
                self._groups_by_word.setdefault(word, set()).add(command.group)
        self._reads = Counter(each.group for each in commands if _is_read(each))
        self._own = {each.words: own_words(each) for each in commands}
        self._group = {each.group: group_words(each) for each in commands}
        self._acts = acts = write_verbs(commands)
        self._neutral = self._find_places(SHARED[_PLAIN_NOUN] | {_PLAIN_NOUN})
        self._neutral |= {place for place, each in enumerate(words.meanings) if _is_set_verb(each)}
        self._has_plural = any(words.meanings[place].is_inflected for place in self._nouns)
        self._has_verb = any(
            self._is_verb(place, acts | READ_VERBS)
            for place in range(len(words.words))
            if place not in self._nouns
        )
        first = self._find_first_verb(acts)
        self._is_read_only = words.is_question or first is CommandEffect.READ
        self._asks_for_change = not words.is_question and first is CommandEffect.WRITE

    def _find_places(self, known: frozenset[str]) -> set[int]:
        meanings = enumerate(self._words.meanings)
        return {place for place, meaning in meanings if not known.isdisjoint(meaning.certain)}

    def rate(self, command: Command) -> Suggestion | None:
        """Return the command as a suggestion; None if little hints at it."""
        match = self._match(command)
        is_help = self._words.asks_how
        if not is_help and not _is_read(command):
            asks_to_see = self._is_read_only and not self._words.is_question and not match.is_phrase
            if not match.is_act or asks_to_see:
                return None
            # A question is never answered with a change, but with the page that explains it.
            is_help = self._words.is_question
        return self._finish(match, self._score(match), is_help=is_help)

    def rate_name(self, command: Command) -> Suggestion | None:
        """Return the command that shows a name, where the name is all that is understood of a line."""
        names = [place for place in self._words.names if is_name(self._words.words[place])]
        is_lone = len(names) == 1 and (len(self._words.words) == 1 or self._words.is_question)
        if not is_lone or command.words[-1] != _SHOW:
            return None
        match = _Match(command, own=_LONE)
        return self._finish(match, _VERB * _LONE + self._imply_noun(command))

    def _finish(self, match: _Match, score: float, *, is_help: bool = False) -> Suggestion | None:
        command = match.command
        if score < _LEAST:
            return None
        if not self.is_bare and not is_help:
            score += self._fill(match)
        score += min(_MOST_HABIT, log2(1 + self._ran.get(command.name, 0)) / 10)
        if score < _LEAST:
            return None
        line = f"help {command.name}" if is_help else _spell(command, match.values)
        return Suggestion(command, line, score, is_help=is_help)

    def spell_sizes(self, made: Suggestion) -> Iterator[Suggestion]:
        """Yield the suggestion once for each flag that a size without a name may be meant for."""
        sizes = [word for word in self._words.words if _SIZE.fullmatch(word)]
        flags = [name for name, info in made.command.flags() if size_limits(info)]
        if len(sizes) != 1 or not flags or sizes[0] in made.line.casefold() or made.line == made.command.name:
            yield made
            return
        yield from (replace(made, line=f"{made.line} --{name} {sizes[0].upper()}") for name in flags)

    def _find_first_verb(self, acts: frozenset[str]) -> CommandEffect | None:
        """Return the effect that the first verb asks for; None without a verb."""
        for place in range(len(self._words.words)):
            if self._is_verb(place, READ_VERBS):
                return CommandEffect.READ
            # “change” alone may be the noun.
            if self._is_verb(place, acts - SET_VERBS if place in self._nouns else acts):
                return CommandEffect.WRITE
        return None

    def _is_verb(self, place: int, verbs: frozenset[str]) -> bool:
        """Return whether a word is one of these verbs. Mistyped, it is believed at the beginning only."""
        meaning = self._words.meanings[place]
        weight = 0.0 if meaning.is_inflected else _weigh(meaning, verbs)
        return weight == 1.0 or (weight > 0 and place < _BEGINNING)

    def _match(self, command: Command) -> _Match:
        match = _Match(command)
        own, group = self._own[command.words], self._group[command.group]
        is_one_word = len(command.words) == 1
        changes_topic = False
        for place, meaning in enumerate(self._words.meanings):
            by_own, by_group = self._weigh_own(place, command, own), _weigh(meaning, group)
            if by_own:
                match.is_act = match.is_act or TOPICS.isdisjoint(meaning.certain)
                match.own = max(match.own, by_own)
            if by_group and not is_one_word and (not by_own or match.own > by_own):
                match.noun = max(match.noun, by_group)
            changes_topic = changes_topic or _is_set_verb(meaning)
            if by_own or by_group:
                match.used.add(place)
        # The noun has to be the command's own: “clusters maintenance” asks to see something.
        is_spelled = self._words.words[0] == command.group and match.own and {0, 1} <= match.used
        match.is_act = match.is_act or bool(match.own and (changes_topic or is_spelled))
        line, joined = f" {self._words.line} ", "".join(self._words.words)
        for phrase in (each for each in command.synonyms if " " in each and f" {each} " in line):
            match.own, match.noun, match.is_act, match.is_phrase = 1.0, 1.0, True, True
            match.used.update(at for at, word in enumerate(self._words.words) if word in phrase.split())
        if joined in {"".join(command.words), "".join(reversed(command.words))}:
            match.own = match.noun = 1.0
            match.is_act = match.is_act or joined == "".join(command.words)
            match.used = set(range(len(self._words.words)))
        return match

    def _weigh_own(self, place: int, command: Command, own: frozenset[str]) -> float:
        """Return how surely a word stands for the command's act. No plural and no past form asks for one, and
        several things are listed also by who wants to be shown them."""
        meaning = self._words.meanings[place]
        if not _is_read(command):
            is_act = self._words.asks_how or self._is_verb(place, own)
            return _weigh(meaning, own) if is_act else 0.0
        if command.words[-1] in READ_VERBS and not READ_VERBS.isdisjoint(meaning.certain):
            is_listing = command.words[-1] == _LIST and self._has_plural
            return max(_weigh(meaning, own), 0.95 if is_listing else 0.6)
        return _weigh(meaning, own)

    def _score(self, match: _Match) -> float:
        command = match.command
        spoken_for = match.used | self._neutral | (self._asked if command.group == _CHANGE else set())
        unused = [
            place
            for place, each in enumerate(self._words.meanings)
            if each.certain and place not in spoken_for
        ]
        blame = sum(_OTHER_NOUN if place in self._nouns else _OTHER_WORD for place in unused)
        blame += _OTHER_ACT * (0 in unused and not _is_read(command) and self._is_verb(0, self._acts))
        blame += _READ_FOR_WRITE * (self._asks_for_change and _is_read(command))
        if len(command.words) == 1:
            return _ONE_WORD * match.own - blame
        noun = _NOUN * match.noun
        if match.own and not match.noun and not self._nouns - spoken_for:
            noun = self._imply_noun(command)
        if match.own and not noun:
            return 0.0
        own = _VERB * match.own
        if match.noun and not match.own and _is_read(command):
            own = self._imply_verb(match)
        return noun + own - blame + _PHRASE * match.is_phrase

    def _imply_noun(self, command: Command) -> float:
        """Return the score of a noun that was not typed. Clusters are what most commands are about."""
        meanings = (each for place, each in enumerate(self._words.meanings) if place not in self._nouns)
        own = self._own[command.words] - READ_VERBS - SET_VERBS
        said = own.intersection(word for each in meanings for word in each.certain)
        if any(len(self._groups_by_word[word]) == 1 for word in said):
            return _ONLY_NOUN
        if any(_CHANGE_ID.fullmatch(self._words.words[place]) for place in self._words.names):
            takes_change = any(command.picks(name) == _CHANGE for name, *_ in command.positionals())
            return _ONLY_NOUN if takes_change else 0.0
        return _IMPLIED_NOUN if command.group == "cluster" else 0.0

    def _imply_verb(self, match: _Match) -> float:
        """Return the score of a read whose noun alone was typed: a plural lists, a noun and a name show."""
        command = match.command
        if self._has_verb:
            return 0.2
        if self._reads[match.command.group] == 1:
            return 0.9
        shows = bool(self._words.names) and not self._has_plural
        if command.words[-1] == _SHOW:
            return 0.9 if shows else 0.3
        if command.words[-1] == _LIST or (command.headline is not None and not any(command.positionals())):
            return 0.4 if shows else 0.9
        return 0.1

    def _fill(self, match: _Match) -> float:
        """Give the command the names in the line, and return what that says for it."""
        command, words = match.command, self._words
        flags = dict(self._find_flags(match))
        kinds = dict(command.flags())
        left = [at for at in words.names if at not in match.used and words.words[at] not in kinds]
        values: dict[str, str] = {}
        required = [name for name, info, _ in command.positionals() if info.is_required()]
        missing = 0
        for name, info, mark in command.positionals():
            picks = command.picks(name) or ""
            fit = [at for at in left if name == "until" or not _DURATION.fullmatch(words.words[at])]
            place = self._choose(fit, picks, is_sure=len(fit) < len(required))
            beside = self._name_before_noun(match, name) if place is None and name == "report" else ""
            if beside:
                values[name] = beside
            elif place is None or missing:
                missing += info.is_required()
            elif mark.rest and not picks:
                values[name] = " ".join(words.given[each] for each in left)
                left = []
            else:
                values[name] = words.given[place]
                left.remove(place)
        for chosen in ({**values, **flags}, values):
            # Nothing may be wrong with them but that some are missing.
            if {each["type"] for each in command.find_errors(chosen)} <= {"missing"}:
                match.values = chosen
                break
        return 0.2 * bool(values) + 0.3 * (not missing) - 0.3 * missing - 0.3 * min(len(left), 3)

    def _name_before_noun(self, match: _Match, noun: str) -> str:
        """Return the name of “the fleet report”, though “fleet” means something else, too; empty for none."""
        words = self._words
        found = (
            words.given[at - 1]
            for at, meaning in enumerate(words.meanings)
            if at and noun in meaning.certain and at - 1 not in match.used
        )
        return next((name for name in found if _REPORT_NAME.fullmatch(name)), "")

    def _find_flags(self, match: _Match) -> Iterator[tuple[str, str]]:
        words = self._words
        kinds = dict(match.command.flags())
        for place, word in enumerate(words.words):
            if not word[:1].isdecimal() or place in match.used:
                continue
            beside = [words.before[place], *words.words[max(place - 1, 0) : place]]
            beside += words.words[place + 1 : place + 2]
            name = next((each for each in beside if each in kinds), "")
            said = [each for each in words.words if each in kinds]
            if not name and len(said) == 1:
                name = said[0]
            if not name and _DURATION.fullmatch(word) and "since" in kinds:
                name = "since"
            if name:
                match.used.add(place)
                match.used.update(at for at in (place - 1, place + 1) if words.words[at : at + 1] == (name,))
                yield name, words.given[place]

    def _choose(self, places: Sequence[int], picks: str, *, is_sure: bool) -> int | None:
        """Return the place of the name that a field of this kind takes, None for none.

        What stands behind “on” or has a dash is the cluster. With `is_sure`, no other name is taken for one.
        """
        fit = [place for place in places if _suits(self._words.words[place], picks)]
        if picks == _PLAIN_NOUN:
            fit.sort(key=lambda place: -self._is_like_cluster(place))
            return fit[0] if fit and (not is_sure or self._is_like_cluster(fit[0])) else None
        fit.sort(key=self._is_like_cluster)
        return fit[0] if fit else None

    def _is_like_cluster(self, place: int) -> int:
        return 2 * (self._words.before[place] in _ABOUT) + ("-" in self._words.words[place])


def _is_read(command: Command) -> bool:
    return command.effect is CommandEffect.READ


def _is_set_verb(meaning: Meaning) -> bool:
    return not meaning.is_inflected and not SET_VERBS.isdisjoint(meaning.certain)


def _weigh(meaning: Meaning, words: frozenset[str]) -> float:
    return max((weight for word, weight in meaning.certain.items() if word in words), default=0.0)


_SUITS: Mapping[str, Callable[[str], bool]] = {
    "change": lambda word: bool(_CHANGE_ID.fullmatch(word)),
    "backup": lambda word: bool(_BACKUP_ID.fullmatch(word)),
    "cluster": lambda word: not word[:1].isdecimal() and not _CHANGE_ID.fullmatch(word),
}


def _suits(word: str, picks: str) -> bool:
    is_of_kind = _SUITS.get(picks)
    return not word.startswith("-") and not _SIZE.fullmatch(word) and (is_of_kind is None or is_of_kind(word))


def _spell(command: Command, values: Mapping[str, str]) -> str:
    """Return the line; a place behind a gap is named."""
    words, in_place = [command.name], True
    for name, *_ in command.positionals():
        if name in values:
            words.append(quote_word(values[name]) if in_place else f"--{name}={quote_word(values[name])}")
        else:
            in_place = False
    words += [f"--{flag} {quote_word(values[flag])}" for flag, _ in command.flags() if flag in values]
    return " ".join(words)
