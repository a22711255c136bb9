"""The expression that names an architecture: its tree, its parser and its printer.

    encoder := series ("|" series)*          branches side by side over one input, merged
    series  := part (">" part)*              one after the other
    part    := atom ("*" integer)?           repeated, each time with its own weights
    atom    := name options? | "(" encoder ")" options?
    options := "[" key "=" value ("," key "=" value)* "]"

The options of a group say how its branches are merged: `(attention*2 | lstm)[merge=gate]`.
Printing a tree gives an expression that parses to the same tree.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn, get_args

from tandem.core.choices import Merge
from tandem.core.errors import UsageError

Value = str | int | float | bool | None
MERGES: tuple[str, ...] = get_args(Merge)
MAX_DEPTH = 64
MAX_REPEAT = 1000
LONGEST_NUMBER = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][\w-]*)|(?P<number>-?(?:\d+\.\d*|\.?\d+)(?:[eE][+-]?\d+)?)|(?P<sign>[|>*()\[\]=,]))"
)
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True)
class Atom:
    """A mixer or `positions`, with the options written behind it; `at` is its place in the text."""

    name: str
    options: tuple[tuple[str, Value], ...] = ()
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        written = ",".join(f"{key}={_print(value)}" for key, value in self.options)
        return f"{self.name}[{written}]" if written else self.name


@dataclass(frozen=True)
class Repeat:
    """`part` used `count` times in a row, each time with its own weights."""

    part: "Atom | Parallel | Series"
    count: int

    def __str__(self) -> str:
        return f"{_grouped(self.part)}*{self.count}"


@dataclass(frozen=True)
class Series:
    """Two or more parts, one after the other."""

    parts: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " > ".join(_grouped(part) for part in self.parts)


@dataclass(frozen=True)
class Parallel:
    """Two or more branches over one input; `merge` is None where the recipe's default holds."""

    branches: "tuple[Node, ...]"
    merge: str | None = None

    def __str__(self) -> str:
        inside = " | ".join(
            _grouped(branch) if isinstance(branch, Parallel) else str(branch) for branch in self.branches
        )
        return f"({inside})[merge={self.merge}]" if self.merge else inside


Node = Atom | Repeat | Series | Parallel


def _grouped(node: Node) -> str:
    bracketed = isinstance(node, Series) or (isinstance(node, Parallel) and node.merge is None)
    return f"({node})" if bracketed else str(node)


def _print(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return str(value)


def atoms(node: Node) -> Iterator[Atom]:
    """All atoms of the tree from left to right, a repeated one once."""
    match node:
        case Atom():
            yield node
        case Repeat(part=part):
            yield from atoms(part)
        case Series(parts=children) | Parallel(branches=children):
            for child in children:
                yield from atoms(child)


def parse(text: str, *, kind: str = "encoder") -> Node:
    """The tree of the expression `text`, which names a part of the model of this `kind`.

    Raises:
        UsageError: the text is not an expression; the message holds the position and what is legal there.
    """
    return _Parser(text, kind).whole()


class _Parser:
    """Recursive descent, one method for each rule of the grammar."""

    def __init__(self, text: str, kind: str) -> None:
        self.text, self.kind = text, kind
        self.tokens = self._tokens()
        self.next = 0
        self.depth = 0

    def _tokens(self) -> list[tuple[str, str, int]]:
        found, at, end = [], 0, len(self.text.rstrip())
        while at < end:
            token = _TOKEN.match(self.text, at)
            if token is None:
                at += len(self.text[at:]) - len(self.text[at:].lstrip())
                self._fail(at, f'"{self.text[at]}" has no meaning here', "a name, a number or one of | > * ( ) [ ] = ,")
            kind = str(token.lastgroup)
            found.append((kind, token.group(kind), token.start(kind)))
            at = token.end()
        return [*found, ("end", "the end", end)]

    def _fail(self, at: int, problem: str, legal: str) -> NoReturn:
        raise UsageError(f'{self.kind} "{self.text}", position {at + 1}: {problem}; legal: {legal}')

    def _expected(self, legal: str) -> NoReturn:
        kind, token, at = self.tokens[self.next]
        self._fail(at, "the expression ends too early" if kind == "end" else f'unexpected "{token}"', legal)

    def _take(self, *signs: str) -> bool:
        if self.tokens[self.next][0] == "sign" and self.tokens[self.next][1] in signs:
            self.next += 1
            return True
        return False

    def whole(self) -> Node:
        node = self._encoder()
        if self.tokens[self.next][0] != "end":
            self._expected("| > * or the end")
        return node

    def _encoder(self) -> Node:
        branches = [self._series()]
        while self._take("|"):
            branches.append(self._series())
        return Parallel(tuple(branches)) if len(branches) > 1 else branches[0]

    def _series(self) -> Node:
        parts = [self._part()]
        while self._take(">"):
            parts.append(self._part())
        return Series(tuple(parts)) if len(parts) > 1 else parts[0]

    def _part(self) -> Node:
        part = self._atom()
        if not self._take("*"):
            return part
        kind, number, at = self.tokens[self.next]
        if kind != "number" or not re.fullmatch(r"\d{1,6}", number) or not 1 <= int(number) <= MAX_REPEAT:
            self._expected(f"a whole number from 1 to {MAX_REPEAT} after *")
        self.next += 1
        if isinstance(part, Repeat):
            self._fail(at, "a repetition of a repetition", f"one number: {Repeat(part.part, part.count * int(number))}")
        return Repeat(part, int(number))

    def _atom(self) -> Node:
        if self._take("("):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self._expected(f"at most {MAX_DEPTH} brackets inside each other")
            node = self._encoder()
            if not self._take(")"):
                self._expected("| > * or )")
            self.depth -= 1
            return self._merged(node)
        kind, name, at = self.tokens[self.next]
        if kind != "name":
            self._expected("a name or (")
        self.next += 1
        return Atom(name, self._options(), at)

    def _merged(self, node: Node) -> Node:
        at = self.tokens[self.next][2]
        written = dict(self._options())
        if not written:
            return node
        merge = written.get("merge")
        if not isinstance(node, Parallel) or set(written) != {"merge"} or merge not in MERGES:
            self._fail(
                at, "a group takes one option, for the branches in it", f"[merge={'|'.join(MERGES)}] behind (a | b)"
            )
        return Parallel(node.branches, str(merge))

    def _options(self) -> tuple[tuple[str, Value], ...]:
        if not self._take("["):
            return ()
        found: dict[str, Value] = {}
        while True:
            kind, key, at = self.tokens[self.next]
            if kind != "name":
                self._expected("the name of an option")
            self.next += 1
            if key in found:
                self._fail(at, f'option "{key}" is written twice', "each option once")
            if not self._take("="):
                self._expected("=")
            found[key] = self._value()
            if self._take("]"):
                return tuple(found.items())
            if not self._take(","):
                self._expected(", or ]")

    def _value(self) -> Value:
        kind, text, at = self.tokens[self.next]
        if kind not in ("name", "number"):
            self._expected("a value: a name or a number")
        self.next += 1
        if kind == "name":
            return _CONSTANTS.get(text, text)
        if len(text) > LONGEST_NUMBER or not math.isfinite(float(text)):
            self._fail(
                at, f'"{text[:20]}" is too long or too large', f"a finite number of at most {LONGEST_NUMBER} signs"
            )
        return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
