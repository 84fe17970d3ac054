"""Programs in any language with quotes and brackets: SDK, requests by hand, Pulumi and CDK for Terraform; and
what Go's SDK writes in its own way.

Source: IONOS's SDKs for Node.js, Java and Ruby, whose operations have the names of the specification.
Pulumi's classes are PSQLCluster and so on, those of CDK for Terraform are made from the provider's names
(PgCluster), and what is for v2 ends in V2.
"""

import re
from collections.abc import Iterable, Iterator

from migrations.scan.addresses import (
    find_addresses,
    find_next_links,
    find_relative_endpoint,
    find_words,
    has_v1_address,
    quoted_in_line,
)
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import (
    AnswerShape,
    BasicLogin,
    DeclaredSize,
    FilePosition,
    NamedType,
    PatchRequest,
    SdkOperation,
    UseCondition,
    Uses,
    find_places,
    read_number,
)
from migrations.scan.readers.code_tokens import Token, TokenizedProgram
from migrations.scan.readers.program_logins import find_logins
from migrations.scan.readers.script import is_command, read_script
from migrations.scan.readers.signatures import find_names
from migrations.scan.sdks import SISTERS, operation_name

_PROVIDER = re.compile(
    r"@ionos-cloud/sdk-pulumi|@pulumi/ionoscloud|pulumi_ionoscloud|pulumi-ionoscloud/sdk|Ionoscloud\.Pulumi"
    r"|Pulumi\.[Ii]onoscloud|com\.ionoscloud\.pulumi|@cdktf/provider-ionoscloud|providers/ionoscloud"
    r"|imports\.ionoscloud|cdktf_cdktf_provider_ionoscloud|cdktf-provider-ionoscloud"
    r"|(?i:cdktf\.providers\.ionoscloud)|ionos-cloud/ionoscloud/"
)
_CLASS = re.compile(
    r"(?:New|Lookup|[gG]et|DataIonoscloud)?(?:PSQL|Psql|Pg|DbaasPgsql)"
    r"(?:Clusters?|Users?|Databases?|Backups|Versions)(?:Output|Async|Invoke)*"
)
_SIZES = frozenset({"ram", "storagesize"})
_PATCHING = frozenset({"patch", "patchasync", "patchasjsonasync", "patchforobject"})
_SENDING = _PATCHING | {"fetch", "post", "put", "postasync", "postasjsonasync", "putasjsonasync", "message"}
"""Calls that send a body; `message` is Chef's."""
_EXPOSING = re.compile(r"(?i)(?:gauge|counter|histogram|summary|untyped|newdesc|metric|name|help|info)\w*")
_DEEPEST = 3
_SERVERS = frozenset({"app", "router", "routes", "route", "server"})
_VARIABLE = re.compile(r"\A(?:\$\{?|#?\{|\{\{\s*)(?:this\.|self\.)?(\w+)(?:\(\w*\))?\s*\}{0,2}")
_PATH = re.compile(r"\A/[A-Za-z]")
_MODELS = ("ClusterProperties", "PatchClusterRequest", "CreateClusterRequest")

_CLIENTS = ("curl ", "wget ")
"""Commands that a text may be; others are found by their signatures."""
_HERE_MARK = re.compile(r"<<<?[-~]?[ \t]?[\"']?(?P<mark>[A-Z_]{2,30})\b")
_LONGEST_DOCUMENT = 200
"""Lines of a here-document: its end is looked for no farther."""

_GO_LOGIN = re.compile(r"\bNewConfiguration\(\s*(?!\"\"|nil)[^,()]")
_GO_SIZE = re.compile(
    r"\b(?:Set)?(?P<field>[Rr]am|[sS]torageSize)\s*(?:\(|:?=|:)\s*(?:[a-zA-Z][\w.]*\()?(?P<value>\d{3,9})\b"
)
_GO_CREATED = re.compile(
    r"^[ \t]*\w+\s*,\s*(?P<answer>\w+)\s*,\s*\w+\s*:?=[^\n]*\.ClustersPost\(", re.MULTILINE
)
_GO_STATUS = re.compile(r"\b(?P<answer>\w+)\.StatusCode\s*[!=]=\s*(?:200\b|http\.StatusOK\b)")


def read_program(text: str, style: CommentStyle, *, everywhere: UseCondition) -> Uses:
    """Yield the uses in a source file. `everywhere` is the condition for calls without a client in it."""
    return _Program(text, style, everywhere).uses()


def read_go(text: str) -> Uses:
    """Yield the uses in a source file. Its client may stand in another file of the package."""
    uses = list(read_program(text, CommentStyle.C, everywhere=UseCondition.IN_PACKAGE))
    yield from uses
    sized = {use.place.line for use in uses if isinstance(use, DeclaredSize)}
    bare = blank_comments(text, CommentStyle.C)
    for place, _ in find_places(_GO_LOGIN, bare):
        yield BasicLogin(place, text="user and password in Go", when=UseCondition.IN_FILE)
    for place, found in find_places(_GO_SIZE, bare):
        if place.line not in sized:
            megabytes = int(found["value"])
            yield DeclaredSize(place, field=found["field"], megabytes=megabytes, when=UseCondition.IN_FILE)
    answers = {found["answer"] for found in _GO_CREATED.finditer(bare)} - {"_"}
    for place, found in find_places(_GO_STATUS, bare):
        if found["answer"] in answers:
            yield AnswerShape(place, text="200 expected of POST", when=UseCondition.IN_FILE)


def is_provider_program(text: str) -> bool:
    """Return whether a program imports IONOS's provider for Pulumi or CDK for Terraform."""
    return _PROVIDER.search(text) is not None


def is_provider_class(name: str) -> bool:
    """Return whether a class or function of the provider is one for v1's resources."""
    return _CLASS.fullmatch(name) is not None


class _Program:
    def __init__(self, text: str, style: CommentStyle, everywhere: UseCondition) -> None:
        self._code = TokenizedProgram(text, style)
        self._provided = is_provider_program(self._code.bare)
        self._near = UseCondition.IN_FILE if SISTERS.search(self._code.bare) else everywhere
        self._strings: dict[str, str] = {}
        self._named: dict[str, tuple[str, ...]] = {}
        self._numbers: dict[str, tuple[int | None, bool]] = {}
        for at, token in enumerate(self._code.tokens):
            if token.kind == "text" and "/" in token.text:
                self._remember(at, token.text)
            elif token.kind == "number" and self._code.is_mark(at - 1, "=*"):
                self._remember_number(at)

    def uses(self) -> Uses:
        code = self._code
        yield from find_addresses(code.bare)
        yield from find_names(code.bare)
        yield from find_next_links(code.bare)
        yield from find_logins(code, self._near)
        yield from _scripts(code)
        for at, token in enumerate(code.tokens):
            if token.kind == "text":
                yield from self._text(at, token)
            elif token.kind == "word":
                yield from self._word(at, token)

    def _remember(self, at: int, text: str) -> None:
        """Keep an address under the name that is given to it: `BASE = "…"`, `base: '…'`."""
        code = self._code
        before = at - 1
        while code.is_mark(before, "(@$") or code.word(before) in {"URI", "Uri", "URL", "new", "let", "f"}:
            before -= 1
        if code.is_mark(before, "=:>"):
            while code.is_mark(before, "=:>"):
                before -= 1
            if code.word(before):
                self._strings.setdefault(code.word(before), text)

    def _remember_number(self, at: int) -> None:
        """Keep a size under the name that is given to it: `size := gb * 1024`, `size = 8 * 1024`."""
        code = self._code
        before = at - 1
        while before > at - 9 and (
            code.word(before) or code.is_mark(before, "*") or code.kind(before) == "number"
        ):
            before -= 1
        equals = before
        while code.is_mark(before, "=:"):
            before -= 1
        if equals > before and code.word(before):
            self._numbers.setdefault(code.word(before), self._number(equals + 1))

    def _text(self, at: int, token: Token) -> Uses:
        place = self._code.place(token)
        if token.text.lower().replace("_", "") in _SIZES:
            yield from self._size(at, token)
        if not self._is_route(at):
            yield from find_relative_endpoint(self._joined(at), place)
        if not token.text.strip().count(" ") or token.text.lower().startswith("x-contract-number"):
            exposed = self._is_exposed(at)
            yield from find_words(token.text, place, exposed=exposed, when=self._near)
        named = token.text.upper() == "PATCH" and self._code.word(at - 2).lower() == "method"
        if (named or token.text == "PATCH") and not self._goes_elsewhere(at):
            yield PatchRequest(place, when=UseCondition.IN_FILE)

    def _word(self, at: int, token: Token) -> Uses:
        code, place = self._code, self._code.place(token)
        called = code.is_mark(at + 1, "(")
        operation = operation_name(token.text) if called and code.is_mark(at - 1, ".>") else None
        if operation:
            yield SdkOperation(place, values=self._values(at + 1), text=operation, when=self._near)
        if self._provided and is_provider_class(token.text):
            yield from self._provider_class(at, token)
        lower = token.text.lower()
        calls = lower in _PATCHING and called and code.is_mark(at - 1, ".>") and self._is_request(at + 1)
        if calls or (self._is_patch_word(at) and not self._goes_elsewhere(at)):
            yield PatchRequest(place, when=UseCondition.IN_FILE)
        if lower.replace("_", "").removeprefix("set") in _SIZES:
            yield from self._size(at, token)

    def _is_patch_word(self, at: int) -> bool:
        """Return whether a word is the method: `-Method Patch`, `HttpMethod.Patch`, `Net::HTTP::Patch`."""
        code = self._code
        if code.word(at).lower() != "patch":
            return code.word(at) in {"MethodPatch", "HttpPatch"}
        if code.word(at - 2) == "action" and code.is_mark(at - 1, ":"):
            return True  # Chef's http_request
        owner = code.word(at - 3) if code.is_mark(at - 2, ":") else code.word(at - 2)
        return code.word(at - 1).lower() == "method" or owner in {"HttpMethod", "Method", "HTTP"}

    def _joined(self, at: int) -> str:
        """Return a path without the variable in front, or put together from `'clusters/' + id + '/users'`."""
        code, token = self._code, self._code.tokens[at]
        if not token.text.startswith("/"):
            return self._expand(token.text)
        for before in range(at - 1, max(-1, at - 9), -1):
            other = code.tokens[before]
            if other.kind == "text" or code.is_mark(before, ",;"):
                joined = (
                    other.kind == "text" and other.text.endswith("clusters/") and other.parent == token.parent
                )
                return f"clusters/{{}}{token.text}" if joined else token.text
        return token.text

    def _is_route(self, at: int) -> bool:
        """Return whether a path is one that the program itself serves."""
        code = self._code
        opening = next((each for each in code.brackets(at) if code.is_mark(each, "(")), None)
        if "/:" in code.tokens[at].text:
            return True
        return opening is not None and (
            code.word(opening - 3).lower() in _SERVERS or code.is_mark(opening - 2, "@[")
        )

    def _provider_class(self, at: int, token: Token) -> Uses:
        opening = self._opening(at)
        values: tuple[str, ...] = ()
        if opening is not None:
            values = self._values(opening)
            self._name(at, values)
        elif self._code.is_mark(at + 1, ".") and self._code.word(at + 2) == "Builder":
            values = quoted_in_line(self._code.bare, token.offset)
        elif not self._is_imported(at):
            return
        yield NamedType(self._code.place(token), values=values, name=token.text)

    def _opening(self, at: int) -> int | None:
        """Return the index of the bracket of a call, behind type arguments such as `<string>`."""
        code = self._code
        if code.is_mark(at + 1, "<"):
            end = next((i for i in range(at + 2, min(at + 12, len(code.tokens))) if code.is_mark(i, ">")), at)
            return end + 1 if code.is_mark(end + 1, "(") else None
        return at + 1 if code.is_mark(at + 1, "(") else None

    def _is_imported(self, at: int) -> bool:
        """Return whether a name stands in an import from the provider."""
        bare = self._code.bare
        offset = self._code.tokens[at].offset
        start = max(bare.rfind(word, max(0, offset - 600), offset) for word in ("import", "require", "using"))
        end = bare.find("\n", offset)
        last = bare.find("}", offset, offset + 600) if self._code.tokens[at].parent >= 0 else -1
        end = bare.find("\n", max(last, offset)) if last >= 0 else end
        statement = bare[start : end if end >= 0 else len(bare)][:1500] if start >= 0 else ""
        return (
            ";" not in bare[start:offset] and "=" not in bare[start:offset] and is_provider_program(statement)
        )

    def _name(self, at: int, values: tuple[str, ...]) -> None:
        """Keep the values of an object under the names that it is assigned to."""
        code = self._code
        before = at - 1
        while code.word(before) or code.is_mark(before, ".&"):
            before -= 1
        if not code.is_mark(before, "="):
            return
        before -= 1
        while code.word(before) or code.is_mark(before, ",:"):
            if code.word(before):
                self._named[code.word(before)] = values
            before -= 1
            if code.is_mark(before, ";{}"):
                break

    def _values(self, opening: int) -> tuple[str, ...]:
        """Return the texts in a bracket, and those of the objects that it names."""
        values: list[str] = []
        for at in self._code.inside(opening):
            token = self._code.tokens[at]
            if token.kind == "text":
                values.append(token.text)
            elif token.kind == "word":
                values += self._named.get(token.text, ())
        return tuple(values)

    def _size(self, at: int, token: Token) -> Uses:
        """Yield `ram: 4096` in a request or class for v1, and `setRam(4096)` of the SDK's models."""
        code = self._code
        method = code.is_mark(at + 1, "(") and code.is_mark(at - 1, ".>")
        if not method and not code.is_mark(at + 1, ":=\"'") and not code.is_mark(at + 2, ":=>"):
            return
        opening = next((each for each in code.brackets(at) if self._is_v1_call(each)), None)
        if opening is None and not method:
            return
        number, scaled = self._number(at + 1)
        if number is None and not scaled:
            return
        yield DeclaredSize(
            code.place(token),
            values=self._values(opening) if opening is not None else (),
            field=token.text,
            megabytes=number,
            when=UseCondition.IN_FILE,
        )

    def _is_v1_call(self, opening: int) -> bool:
        name = self._code.word(opening - 1)
        if name == "new":
            name = self._code.word(opening - 3)
        return bool(
            (self._provided and is_provider_class(name))
            or operation_name(name)
            or name.endswith(_MODELS)
            or (name.lower() in _SENDING and not self._leads_elsewhere(self._code.inside(opening)))
        )

    def _number(self, at: int) -> tuple[int | None, bool]:
        """Return the number that follows, and whether something is multiplied by 1024."""
        code = self._code
        product: int | None = None
        for each in range(at, min(at + 12, len(code.tokens))):
            token = code.tokens[each]
            if token.kind == "number":
                number = read_number(token.text.replace("_", ""))
                if number is None:
                    return None, False
                if code.is_mark(each - 1, "*"):
                    return (product * number, False) if product is not None else (None, number == 1024)
                product = number
                if not code.is_mark(each + 1, "*"):
                    return product, False
            elif token.kind == "word" and token.text in self._numbers and not code.is_mark(each + 1, ":="):
                return self._numbers[token.text]
            elif code.is_mark(each, ",;}"):
                break
        return None, False

    def _expand(self, text: str) -> str:
        """Return the text without a variable in front of it, if that holds v1's address or nothing known."""
        found = _VARIABLE.match(text)
        if found is None:
            return text.removeprefix("%s")
        known = self._resolve(self._strings.get(found[1], ""))
        return text if known and not has_v1_address(known) else text[found.end() :]

    def _resolve(self, text: str) -> str:
        """Return the text with the variables put in that it begins with, one holding the next."""
        for _ in range(_DEEPEST):
            found = _VARIABLE.match(text)
            if found is None or found[1] not in self._strings:
                break
            text = self._strings[found[1]] + text[found.end() :]
        return text

    def _goes_elsewhere(self, at: int) -> bool:
        """Return whether the call or line that a method stands in names another address."""
        code = self._code
        opening = next((each for each in code.brackets(at) if code.is_mark(each, "(")), None)
        if opening is None:
            line = code.place(code.tokens[at]).line
            near = range(max(0, at - 30), min(at + 30, len(code.tokens)))
            return self._leads_elsewhere(each for each in near if code.place(code.tokens[each]).line == line)
        return self._leads_elsewhere(code.inside(opening))

    def _leads_elsewhere(self, span: Iterable[int]) -> bool:
        return any(self._is_elsewhere(self._code.tokens[each]) for each in span)

    def _is_elsewhere(self, token: Token) -> bool:
        text = self._resolve(self._strings.get(token.text, "")) if token.kind == "word" else ""
        if token.kind == "text":
            found = _VARIABLE.match(token.text)
            text = self._resolve(token.text)
            if found is None and _PATH.match(text) and not text.startswith(("/clusters", "/databases")):
                return True
        return "://" in text and not has_v1_address(text)

    def _is_request(self, opening: int) -> bool:
        """Return whether the first argument of `patch(…)` is an address or path that may be v1's."""
        code = self._code
        first = next(iter(code.inside(opening)), None)
        if first is None:
            return False
        while code.is_mark(first, "$@"):
            first += 1
        token = code.tokens[first] if first < len(code.tokens) else code.tokens[opening]
        if token.kind == "text":
            return "clusters" in token.text and not self._is_route(first) and not self._is_elsewhere(token)
        return token.kind == "word" and not self._goes_elsewhere(first)

    def _is_exposed(self, at: int) -> bool:
        """Return whether a metric's name is given to a metric that the program makes itself."""
        return any(_EXPOSING.fullmatch(self._code.word(each - 1)) for each in self._code.brackets(at))


def _scripts(code: TokenizedProgram) -> Uses:
    """Yield the uses in requests that a program makes with curl, and in here-documents that are scripts."""
    lines = code.bare.split("\n")
    inside: set[int] = set()
    for document in _here_documents(lines):
        inside.update(document)
        if any(is_command(lines[at - 1]) for at in document):
            text = "\n".join(lines[at - 1] for at in document)
            yield from read_script(text, FilePosition(document.start, 1))
    for token in code.tokens:
        if token.kind == "text" and token.text.startswith(_CLIENTS):
            place = code.place(token)
            yield from read_script(token.text, place) if place.line not in inside else ()


def _here_documents(lines: list[str]) -> Iterator[range]:
    """Yield the numbers of the lines of each here-document, from 1."""
    at = 0
    while at < len(lines):
        found = _HERE_MARK.search(lines[at])
        at += 1
        for end in range(at, min(at + _LONGEST_DOCUMENT, len(lines))) if found else ():
            if found and lines[end].strip().rstrip(";,)") == found["mark"]:
                yield range(at + 1, end + 1)
                at = end
                break
