"""The paths of a backtracking matcher through a pattern, and the texts that make them many.

A pattern takes linear time if the number of its partial paths stays bounded however long the text is (Weber
and Seidl, "On the degree of ambiguity of finite automata"). It grows with the text where one word leads from
a loop back to it, from there on to another loop, and round that one; searching is itself a loop, over
everything, in front of the pattern. What an automaton cannot express is counted as if it always held, so that
no slow pattern is missed: whatever is found is tried on the real engine, by `pattern_trial`.
"""

import re._compiler as compiler
import re._constants as ops
import re._parser as parser
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

EXACT = 10
"""A repeat of more is taken for a loop."""

ODD = "éßſİKÿ–—―“”„«»‘’‚…\u3000\u2028\u200b\u0301٣中😀\x85\xa0\ud800"
SEARCH, MATCH, FULL = "search", "match", "fullmatch"
FRONT = -1
"""The place of a search that has not begun with the pattern."""

REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
READING = (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN)


@dataclass(frozen=True)
class Attack:
    """A text that may cost much: `prefix`, then `pump` as often as one likes, then an ending."""

    prefix: str
    pump: str
    endings: tuple[str, ...] = ("\0", "", "\n!")


@dataclass
class Automaton:
    """Nodes and the guarded ways between them. A node that reads is a place in the pattern.

    Characters are numbers of `samples`, one for each set that no part of the pattern tells apart. A guard
    says from the characters before and after, None for none, whether a way is open.
    """

    samples: tuple[str, ...]
    ways: list[list] = field(default_factory=list)
    reads: dict[int, frozenset[int]] = field(default_factory=dict)
    start: int = 0
    end: int = 0

    def node(self):
        self.ways.append([])
        return len(self.ways) - 1

    def way(self, start, end, guard=None):
        self.ways[start].append((guard, end))

    def after(self, start, guard=None):
        """Return a new node with a way to it."""
        end = self.node()
        self.way(start, end, guard)
        return end


class Builder:
    """Builds the automaton of a pattern, part by part: each method takes a node and returns the next one."""

    def __init__(self, pattern):
        tree = parser.parse(pattern.pattern, pattern.flags)
        flags = tree.state.flags
        self.made = Automaton(_samples(tree, flags))
        self.words = self._where(_is_word)
        self.newlines = self._where(lambda each: each == "\n")
        self.made.start = self.made.node()
        self.made.end = self._row(tree, self.made.start, flags)

    def _where(self, test):
        return frozenset(number for number, each in enumerate(self.made.samples) if test(each))

    def _set_of(self, item, flags):
        pattern = _compiled(item, flags)
        return self._where(lambda each: pattern.match(each) is not None)

    def _row(self, items, start, flags):
        for op, value in items:
            make = getattr(self, f"_{op.name.lower()}", None)
            if op in READING:
                start = self.made.after(start)
                self.made.reads[start] = self._set_of((op, value), flags)
            elif op in REPEATS:
                start = self._repeat(op, value, start, flags)
            elif make is not None:
                start = make(value, start, flags)
            else:
                assert op is ops.GROUPREF, op  # counted as if it were empty
        return start

    def _subpattern(self, value, start, flags):
        return self._row(value[3], start, _inner_flags(value, flags))

    def _atomic_group(self, value, start, flags):
        return self._row(value, start, flags)

    def _branch(self, value, start, flags):
        end = self.made.node()
        for part in value[1]:
            self.made.way(self._row(part, start, flags), end)
        return end

    def _groupref_exists(self, value, start, flags):
        return self._branch((None, [part or [] for part in value[1:]]), start, flags)

    def _at(self, value, start, flags):
        if value in {ops.AT_BEGINNING, ops.AT_BEGINNING_STRING}:
            lines = self.newlines if flags & parser.SRE_FLAG_MULTILINE and value is ops.AT_BEGINNING else ()
            return self.made.after(start, lambda before, _: before is None or before in lines)
        if value in {ops.AT_END, ops.AT_END_STRING}:
            lines = self.newlines if value is ops.AT_END else ()
            return self.made.after(start, lambda _, after: after is None or after in lines)
        differ = value is ops.AT_BOUNDARY
        return self.made.after(
            start, lambda before, after: ((before in self.words) != (after in self.words)) is differ
        )

    def _assert(self, value, start, flags):
        return self._look(value, start, flags, wanted=True)

    def _assert_not(self, value, start, flags):
        return self._look(value, start, flags, wanted=False)

    def _look(self, value, start, flags, *, wanted):
        direction, body = value
        is_one = len(body) == 1 and body[0][0] in READING
        if direction < 0:
            if not is_one and not (wanted and body and body[-1][0] in READING):
                return start
            kept = self._set_of(body[-1], flags)
            return self.made.after(start, lambda before, _: (before in kept) is wanted)
        if is_one:
            kept = self._set_of(body[0], flags)
            return self.made.after(start, lambda _, after: (after in kept) is wanted)
        self._row(body, self.made.after(start), flags)  # read, and then read again by what follows
        return start

    def _repeat(self, op, value, start, flags):
        least, most, body = value
        guard = None
        if op is ops.POSSESSIVE_REPEAT and len(body) == 1 and body[0][0] in READING:
            kept = self._set_of(body[0], flags)
            guard = lambda _, after: after not in kept  # noqa: E731
        for _ in range(min(least, EXACT)):
            start = self._row(body, start, flags)
        if most is not ops.MAXREPEAT and most <= EXACT:
            end = self.made.node()
            for _ in range(most - least):
                self.made.way(start, end, guard)
                start = self._row(body, start, flags)
            self.made.way(start, end)
            return end
        loop = self.made.after(start)
        self.made.way(self._row(body, loop, flags), loop)
        return self.made.after(loop, guard if most is ops.MAXREPEAT else None)


def _inner_flags(value, flags):
    return (flags | value[1]) & ~value[2]


def _is_word(character):
    return character.isalnum() or character == "_"


def _compiled(item, flags):
    state = parser.State()
    state.flags = flags
    return compiler.compile(parser.SubPattern(state, [item]), flags)


def _samples(tree, flags):
    """Return one character for each set of characters that no part of the pattern tells apart."""
    found, codes = [], {ord(each) for each in ODD} | set(range(128))
    for item, inner in _readers(tree, flags):
        found.append(_compiled(item, inner))
        codes |= {code + step for code in _codes(item[1]) for step in (-1, 0, 1)}
    kept = {}
    for each in map(chr, sorted(code for code in codes if 0 <= code < 0x110000)):
        marks = (*(bool(one.match(each)) for one in found), _is_word(each), each == "\n")
        kept.setdefault(marks, each)
    return tuple(kept.values())


def _readers(items, flags):
    """Yield every part that reads one character, with the flags that hold there."""
    for op, value in items:
        inner = _inner_flags(value, flags) if op is ops.SUBPATTERN else flags
        if op in READING:
            yield (op, value), flags
        for part in _parts(value) if op not in READING else ():
            yield from _readers(part, inner)


def _parts(value):
    """Return the patterns inside the value of a part."""
    if isinstance(value, parser.SubPattern):
        return [value]
    return [part for each in value for part in _parts(each)] if isinstance(value, list | tuple) else []


def _codes(value):
    """Return the numbers of the characters in the value of a part that reads."""
    if isinstance(value, list | tuple):
        return {code for each in value for code in _codes(each)}
    return {value} if isinstance(value, int) and not isinstance(value, ops._NamedIntConstant) else set()


class Paths:
    """The steps of an automaton, for one way of using its pattern."""

    def __init__(self, automaton, mode):
        self.made, self.mode = automaton, mode
        numbers = range(len(automaton.samples))
        self.everything = frozenset(numbers)
        guards = [guard for ways in automaton.ways for guard, _ in ways if guard is not None]
        kinds = {}
        self.past = {
            each: kinds.setdefault(
                tuple(guard(each, one) for guard in guards for one in [None, *numbers]), each
            )
            for each in numbers
        }
        """Of each character, the first that no guard tells from it once it is read."""
        self._steps = {}
        follow = {place: self._follow(place) for place in automaton.reads}
        self.reach = {place: _closure(follow, place) for place in follow}
        self.loops = []
        for place in follow:
            if place in self.reach[place] and not any(place in loop for loop in self.loops):
                self.loops.append({each for each in self.reach[place] if place in self.reach[each]})

    def reads(self, place):
        return self.everything if place == FRONT else self.made.reads[place]

    def steps(self, place, before, sample):
        """Return the places to which reading `sample` leads, each with the number of ways."""
        key = (place, before, sample)
        if key not in self._steps:
            counts = {FRONT: 1} if place == FRONT else {}
            start = self.made.start if place in {FRONT, None} else place
            self._walk(start, before, sample, frozenset(), counts)
            self._steps[key] = counts
        return self._steps[key]

    def _walk(self, node, before, sample, seen, counts):
        for guard, end in self.made.ways[node]:
            if (node, end) in seen or (guard is not None and not guard(before, sample)):
                continue
            if end not in self.made.reads:
                self._walk(end, before, sample, seen | {(node, end)}, counts)
            elif sample in self.made.reads[end]:
                counts[end] = counts.get(end, 0) + 1

    def _silent(self, place, *, is_open):
        """Return the nodes that are reached without reading, with `is_open` only by ways without a guard."""
        open_ways = {
            node: {end for guard, end in ways if end not in self.made.reads and not (is_open and guard)}
            for node, ways in enumerate(self.made.ways)
        }
        return {place} | _closure(open_ways, place)

    def _follow(self, place):
        nodes = self._silent(place, is_open=False)
        return {end for node in nodes for _, end in self.made.ways[node] if end in self.made.reads}

    def may_fail(self, place):
        """Return whether the matcher may still fail after reading here: it cannot where it may stop."""
        return self.mode == FULL or self.made.end not in self._silent(place, is_open=True)


def _closure(ways, start):
    found, todo = set(), [start]
    while todo:
        for each in ways[todo.pop()] - found:
            found.add(each)
            todo.append(each)
    return found


@lru_cache(maxsize=1)
def _paths(pattern, mode):
    return Paths(Builder(pattern).made, mode)


def find_attacks(pattern, mode):
    """Return texts that may make the matcher slow. Where there is none, it takes linear time."""
    paths = _paths(pattern, mode)
    found = [(min(loop), _split_word(paths, loop)) for loop in paths.loops]
    fronts = [{FRONT}] if mode == SEARCH else []
    for target in paths.loops:
        if any(map(paths.may_fail, target)):
            sources = [*fronts, *(loop for loop in paths.loops if loop is not target)]
            found += [_crossing(paths, source, target) for source in sources]
    return [Attack(_way_to(paths, place), word) for place, word in found if word]


def find_pumps(pattern, mode):
    """Return texts that repeat each loop of the pattern, and the way into it, whatever the paths say."""
    paths = _paths(pattern, mode)
    found = set()
    for loop in paths.loops or [paths.made.reads]:
        way = _way_to(paths, max(loop, default=FRONT))
        turn = paths.made.samples[min(paths.reads(min(loop, default=FRONT)))]
        found |= {("", way), (way, turn), ("", way + turn)}
    return [Attack(prefix, pump, ("\0",)) for prefix, pump in sorted(found) if pump]


def _split_word(paths, loop):
    """Return a word that leads round a loop in two ways; empty for none."""
    entry = min(loop)

    def moves(here):
        one, two, before, is_apart = here
        for sample, past in paths.past.items():
            for first, ways in paths.steps(one, before, sample).items():
                for second in paths.steps(two, before, sample).keys() & loop:
                    if first in loop:
                        yield sample, (first, second, past, is_apart or first != second or ways > 1)

    befores = sorted({paths.past[each] for each in paths.reads(entry)})
    words = (_word(paths, (entry, entry, each, False), (entry, entry, each, True), moves) for each in befores)
    return next(filter(None, words), "")


def _crossing(paths, source, target):
    """Return a place in `source`, and a word that leads from it back to it, and to a place in `target`, and
    from that one back to it; an empty word for none."""
    on_the_way = source | {place for place, reached in paths.reach.items() if reached & target}

    def moves(here):
        one, two, three, before = here
        for sample, past in paths.past.items():
            firsts = paths.steps(one, before, sample).keys() & source
            thirds = paths.steps(three, before, sample).keys() & target
            seconds = paths.steps(two, before, sample).keys() & on_the_way if firsts and thirds else ()
            for places in product(firsts, seconds, thirds):
                yield sample, (*places, past)

    wanted = {
        (first, first, goal, paths.past[before]): (first, goal, goal, paths.past[before])
        for first, goal in _ends(paths, source, target)
        for before in paths.reads(first) & paths.reads(goal)
    }
    begin = _first_that_arrives(wanted, moves)
    return (FRONT, "") if begin is None else (begin[0], _word(paths, begin, wanted[begin], moves))


def _ends(paths, source, target):
    """Return the pairs of places to try. A search is everywhere: one place of the target stands for all."""
    if source == {FRONT}:
        return [(FRONT, min(target))]
    return [(first, goal) for first in sorted(source) for goal in sorted(target & paths.reach[first])]


def _first_that_arrives(wanted, moves):
    """Return a state from which its goal is reached; None for none. All are followed at once, as bits."""
    numbers = {begin: 1 << number for number, begin in enumerate(wanted)}
    passed, todo, known = dict(numbers), list(wanted), {}
    while todo:
        here = todo.pop()
        if here not in known:
            known[here] = {there for _, there in moves(here)}
        for there in known[here]:
            both = passed.get(there, 0) | passed[here]
            if both != passed.get(there):
                passed[there] = both
                todo.append(there)
    return next((begin for begin, goal in wanted.items() if passed.get(goal, 0) & numbers[begin]), None)


def _word(paths, begin, goal, moves):
    """Return the shortest word that leads from one state to another; empty for none."""
    words, todo = {begin: ""}, deque([begin])
    while todo:
        here = todo.popleft()
        for sample, there in moves(here):
            word = words[here] + paths.made.samples[sample]
            if there == goal:
                return word
            if there not in words:
                words[there] = word
                todo.append(there)
    return ""


def _way_to(paths, place):
    """Return a short text after which the matcher may be at this place."""

    def moves(here):
        at, before = here
        for sample in paths.everything:
            for end in paths.steps(at, before, sample):
                yield sample, (place, None) if end == place else (end, sample)

    return "" if place == FRONT else _word(paths, (None, None), (place, None), moves)
