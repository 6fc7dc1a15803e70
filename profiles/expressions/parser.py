"""Recursive descent over the words of an expression; at most ``DEPTH_MAX`` levels deep.

or_ := and_ {"or" and_}; and_ := not_ {"and" not_}; not_ := ["not"] compare; compare := sum [sign sum];
sum := product {("+"|"-") product}; product := unary {("*"|"/") unary}; unary := ["-"] atom;
atom := number [unit] | name | function "(" or_ {"," or_} ")" | "(" or_ ")"
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from profiles.expressions.errors import ExpressionError
from profiles.expressions.nodes import COMPARISONS, Binary, Call, Name, Node, Number, Unary
from profiles.expressions.tokens import Token, tokens
from profiles.expressions.units import LITERALS

DEPTH_MAX = 40
FUNCTIONS = {"min": (2, 20), "max": (2, 20), "abs": (1, 1)}
"""How many arguments each takes at least and at most."""
_WORDS = frozenset({"and", "or", "not"})
_Rule = Callable[[int], Node]


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The expression that ``text`` is. Raises ExpressionError with the column."""
    parser = _Parser(tokens(text))
    node = parser.either(0)
    parser.expect_end()
    return node


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words, self._at = words, 0

    @property
    def _now(self) -> Token:
        return self._words[self._at]

    def _take(self) -> Token:
        word = self._now
        self._at += word.kind != "end"
        return word

    def _is(self, *texts: str) -> bool:
        return self._now.kind in ("sign", "name") and self._now.text in texts

    def expect_end(self) -> None:
        """Nothing may be left over."""
        if self._now.kind != "end":
            raise ExpressionError(f"{self._now.text!r} is not expected here", self._now.column)

    def either(self, depth: int) -> Node:
        """``or``, the loosest of all."""
        if depth > DEPTH_MAX:
            raise ExpressionError("too many brackets", self._now.column, "split it up")
        return self._chain(depth, ("or",), self._both)

    def _both(self, depth: int) -> Node:
        return self._chain(depth, ("and",), self._negated)

    def _negated(self, depth: int) -> Node:
        if self._is("not"):
            word = self._take()
            if depth > DEPTH_MAX:
                raise ExpressionError("too many words in a row", word.column, "split it up")
            return Unary("not", self._negated(depth + 1), word.column)
        return self._compared(depth)

    def _compared(self, depth: int) -> Node:
        left = self._sum(depth)
        if not self._is(*COMPARISONS):
            return left
        sign = self._take()
        node = Binary(sign.text, left, self._sum(depth), sign.column)
        if self._is(*COMPARISONS):
            raise ExpressionError("one comparison at a time", self._now.column, "join two with `and`")
        return node

    def _sum(self, depth: int) -> Node:
        return self._chain(depth, ("+", "-"), self._product)

    def _product(self, depth: int) -> Node:
        return self._chain(depth, ("*", "/"), self._signed)

    def _chain(self, depth: int, signs: tuple[str, ...], inner: _Rule) -> Node:
        left = inner(depth)
        while self._is(*signs):
            sign = self._take()
            left = Binary(sign.text, left, inner(depth), sign.column)
        return left

    def _signed(self, depth: int) -> Node:
        if self._is("-"):
            word = self._take()
            return Unary("-", self._atom(depth), word.column)
        return self._atom(depth)

    def _atom(self, depth: int) -> Node:
        word = self._take()
        if word.kind == "number":
            return self._number(word)
        if word.kind == "name" and word.text not in _WORDS:
            return self._call(word, depth) if self._is("(") else Name(word.text, word.column)
        if word.text == "(":
            node = self.either(depth + 1)
            self._close()
            return node
        what = (
            "the expression ends too early" if word.kind == "end" else f"{word.text!r} is not expected here"
        )
        raise ExpressionError(what, word.column, "a number, a name or a bracket belongs here")

    def _number(self, word: Token) -> Node:
        if self._now.text in LITERALS and self._now.kind in ("name", "sign"):
            unit, factor = LITERALS[self._take().text]
            return Number(float(word.text) * factor, unit, word.column)
        return Number(float(word.text), "", word.column)

    def _call(self, word: Token, depth: int) -> Node:
        if word.text not in FUNCTIONS:
            raise ExpressionError(f"there is no function {word.text}", word.column, "use min, max or abs")
        self._take()
        arguments = [self.either(depth + 1)]
        while self._is(","):
            self._take()
            arguments.append(self.either(depth + 1))
        self._close()
        least, most = FUNCTIONS[word.text]
        if not least <= len(arguments) <= most:
            raise ExpressionError(f"{word.text} takes {least} to {most} values", word.column)
        return Call(word.text, tuple(arguments), word.column)

    def _close(self) -> None:
        if not self._is(")"):
            raise ExpressionError("a bracket is not closed", self._now.column, "add )")
        self._take()
