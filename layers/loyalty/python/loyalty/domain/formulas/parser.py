"""Parses a formula's text into its tree. Everything that is not on the whitelist is refused, with its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from loyalty.domain.formulas.expression import NAME_MAX, Expression
from loyalty.domain.formulas.functions import EXPRESSION, FUNCTIONS, IF, ROUND
from loyalty.domain.formulas.tree import (
    COMPARISONS,
    ORDER_AMOUNT,
    REDUCTIONS,
    Arithmetic,
    Choice,
    Comparison,
    Input,
    Inputs,
    Negative,
    Number,
    Place,
    Reduction,
    RoundedTerm,
    Run,
    Term,
)
from loyalty.domain.formulas.values import DIGITS_MAX, plain, result_number
from loyalty.errors import FieldProblem, InvalidFormula

LENGTH_MAX = 500
NODES_MAX = 100
DEPTH_MAX = 20
CACHED_FORMULAS_MAX = 256
UNKNOWN_EXPRESSION = "unknown_expression"
"""The code of the only refusal that is not about the formula's own text."""

TOKEN = re.compile(
    r"""(?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<word>[A-Za-z_]+)
      | (?P<text>"[^"\\]*")
      | (?P<sign><=|>=|!=|<>|==|[-+*/(),<>=])""",
    re.ASCII | re.VERBOSE,
)
SPACE = " \t\r\n"
DECIMALS = {str(places) for places in range(DIGITS_MAX + 1)}
"""The decimals that ROUND takes."""
ALIASES = {"==": "=", "<>": "!="}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is `number`, `word`, `text`, `sign` or `end`; `position` counts from 1."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Result:
    value: Decimal
    inputs: Mapping[str, Decimal]
    """The inputs of the value, by the calls that read them."""

    @property
    def plain_inputs(self) -> dict[str, str]:
        return {call: plain(number) for call, number in self.inputs.items()}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be evaluated, its expressions inlined."""

    term: Term
    nodes: int
    sources: frozenset[str]
    """The kinds of input that the formula may use."""

    def evaluate(self, inputs: Inputs) -> Result:
        """Evaluates the formula.

        Raises `FormulaInputMissing` if a needed input is missing, `FormulaNotComputable` if there is no result in
        bounds.
        """
        run = Run(inputs)
        return Result(result_number(self.term.value(run)), run.used)


@lru_cache(maxsize=CACHED_FORMULAS_MAX)
def formula_from(text: str, expressions: tuple[Expression, ...] | None) -> Formula:
    """Returns the formula with its expressions inlined, or raises `InvalidFormula` with the error and its place.

    An expression itself is compiled with None: it may not name another expression.
    """
    known = None if expressions is None else {expression.name: expression.formula for expression in expressions}
    parser = _Parser(text, known)
    term = parser.whole()
    return Formula(term, parser.nodes, frozenset(parser.sources))


def expression_names(text: str) -> list[str]:
    """Returns the expressions that the text names, even if the text is not a valid formula."""
    try:
        tokens = list(_tokens(text, None))
    except InvalidFormula:
        return []
    calls = zip(tokens, tokens[1:], tokens[2:], strict=False)
    names = (name.text[1:-1] for word, _, name in calls if word.text.upper() == EXPRESSION and name.kind == "text")
    return list(dict.fromkeys(names))


class _Parser:
    def __init__(self, text: str, expressions: Mapping[str, str] | None, expression: str | None = None) -> None:
        self.nodes = 0
        self.sources: set[str] = set()
        self._expressions = expressions
        self._expression = expression
        self._tokens = _tokens(text, expression)
        self._token = next(self._tokens)
        self._depth = 0

    def whole(self) -> Term:
        term = self._term()
        if self._token.kind != "end":
            self._refuse_unexpected("an operator or the end")
        return term

    def _term(self) -> Term:
        start = self._token
        return self._number_of(self._part(), start)

    def _part(self) -> Term | Comparison:
        """Parses a sum, or a comparison of two sums."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._refuse("too_deep", self._token, f"A formula has at most {DEPTH_MAX} levels of nesting.")
        start = self._token
        part = self._sum()
        sign = self._token
        operator = ALIASES.get(sign.text, sign.text)
        if sign.kind == "sign" and operator in COMPARISONS:
            left = self._number_of(part, start)
            self._next()
            start = self._token
            right = self._number_of(self._sum(), start)
            part = Comparison(self._count(sign), operator, left, right)
        self._depth -= 1
        return part

    def _sum(self) -> Term | Comparison:
        start = self._token
        part = self._product()
        while sign := self._take("+", "-"):
            left, after = self._number_of(part, start), self._token
            right = self._number_of(self._product(), after)
            part = Arithmetic(self._count(sign), sign.text, left, right)
        return part

    def _product(self) -> Term | Comparison:
        start = self._token
        part = self._signed_term()
        while sign := self._take("*", "/"):
            left, after = self._number_of(part, start), self._token
            right = self._number_of(self._signed_term(), after)
            part = Arithmetic(self._count(sign), sign.text, left, right)
        return part

    def _signed_term(self) -> Term | Comparison:
        sign = self._take("-")
        if sign is None:
            return self._operand()
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._refuse("too_deep", sign, f"A formula has at most {DEPTH_MAX} levels of nesting.")
        start = self._token
        term = self._number_of(self._signed_term(), start)
        self._depth -= 1
        return Negative(self._count(sign), term)

    def _operand(self) -> Term | Comparison:
        token = self._token
        if token.kind == "number":
            self._next()
            return Number(self._count(token), self._literal(token))
        if token.kind == "word":
            return self._call(token)
        if not self._take("("):
            self._refuse_unexpected("a number, a function or (")
        part = self._part()
        self._expect(")")
        return part

    def _literal(self, token: Token) -> Decimal:
        whole, _, decimals = token.text.partition(".")
        if len(whole) > DIGITS_MAX or len(decimals) > DIGITS_MAX:
            message = f"A number has at most {DIGITS_MAX} digits before and {DIGITS_MAX} after the point."
            self._refuse("number_too_long", token, message)
        return Decimal(token.text)

    def _call(self, word: Token) -> Term:
        function = FUNCTIONS.get(word.text.upper())
        if function is None:
            known = ", ".join(FUNCTIONS)
            self._refuse(
                "unknown_function", word, f"There is no function {_token_text(word)}; the functions are {known}."
            )
        place = self._count(word)
        self._next()
        self._expect("(")
        term = self._arguments(place, function.name)
        self._expect(")")
        return term

    def _arguments(self, place: Place, name: str) -> Term:
        if name in REDUCTIONS:
            return self._reduction(place, name)
        if name == ROUND:
            number = self._term()
            return RoundedTerm(place, number, self._decimals() if self._take(",") else 0)
        if name == IF:
            condition = self._condition()
            self._expect(",")
            then = self._term()
            self._expect(",")
            return Choice(place, condition, then, self._term())
        if name == EXPRESSION:
            return self._inlined_expression()
        self.sources.add(name)
        return Input(place, name, "" if name == ORDER_AMOUNT else self._name())

    def _reduction(self, place: Place, name: str) -> Term:
        terms = [self._term()]
        (parameter,) = FUNCTIONS[name].parameters
        while parameter.repeats and self._take(","):
            terms.append(self._term())
        return Reduction(place, name, tuple(terms))

    def _condition(self) -> Comparison:
        start = self._token
        part = self._part()
        if not isinstance(part, Comparison):
            self._refuse("condition_expected", start, "A comparison such as ORDER_AMOUNT() >= 100 is expected.")
        return part

    def _decimals(self) -> int:
        token = self._token
        if token.text not in DECIMALS:
            self._refuse_unexpected(f"a whole number from 0 to {DIGITS_MAX}")
        self._next()
        return int(token.text)

    def _name(self) -> str:
        token = self._token
        name = token.text[1:-1]
        if token.kind != "text":
            self._refuse_unexpected("a name in double quotes")
        if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
            self._refuse("invalid_name", token, f"A name has 1 to {NAME_MAX} printable characters.")
        self._next()
        return name

    def _inlined_expression(self) -> Term:
        token = self._token
        name = self._name()
        if self._expressions is None:
            self._refuse("nested_expression", token, "An expression may not name another expression.")
        if name not in self._expressions:
            self._refuse(UNKNOWN_EXPRESSION, token, f"There is no expression {name}.")
        inner = _Parser(self._expressions[name], None, name)
        term = inner.whole()
        self.sources |= inner.sources
        self.nodes += inner.nodes
        self._require_few(token)
        return term

    def _number_of(self, part: Term | Comparison, start: Token) -> Term:
        if isinstance(part, Comparison):
            self._refuse("number_expected", start, "A number is expected; a comparison is allowed only in IF.")
        return part

    def _count(self, token: Token) -> Place:
        self.nodes += 1
        self._require_few(token)
        return self._place(token)

    def _require_few(self, token: Token) -> None:
        if self.nodes > NODES_MAX:
            self._refuse("too_many_nodes", token, f"A formula has at most {NODES_MAX} numbers, operators and calls.")

    def _take(self, *signs: str) -> Token | None:
        token = self._token
        if token.kind != "sign" or token.text not in signs:
            return None
        self._next()
        return token

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            self._refuse_unexpected(sign)

    def _next(self) -> None:
        self._token = next(self._tokens)

    def _place(self, token: Token) -> Place:
        return Place(token.position, self._expression)

    def _refuse_unexpected(self, expected: str) -> NoReturn:
        message = f"Expected {expected}, found {_token_text(self._token)}."
        raise _refusal("syntax", self._place(self._token), message, expected=expected)

    def _refuse(self, code: str, token: Token, message: str) -> NoReturn:
        raise _refusal(code, self._place(token), message)


def _tokens(text: str, expression: str | None) -> Iterator[Token]:
    if len(text) > LENGTH_MAX:
        message = f"A formula has at most {LENGTH_MAX} characters."
        raise _refusal("too_long", Place(LENGTH_MAX + 1, expression), message)
    position = 0
    while position < len(text):
        if text[position] in SPACE:
            position += 1
            continue
        match = TOKEN.match(text, position)
        if match is None:
            character = text[position]
            message = (
                f"A formula cannot have {_character(character)}." if character != '"' else "A closing quote is missing."
            )
            raise _refusal("syntax", Place(position + 1, expression), message)
        kind = match.lastgroup
        assert kind is not None, "each alternative has a name"
        yield Token(kind, match[0], position + 1)
        position = match.end()
    yield Token("end", "", len(text) + 1)


def _refusal(code: str, place: Place, message: str, **extensions: str) -> InvalidFormula:
    detail = f"At {place}: {message}"
    problem = FieldProblem("body.formula", code, detail)
    return InvalidFormula(detail, errors=[problem], **place.extensions, **extensions)


def _token_text(token: Token) -> str:
    if token.kind == "end":
        return "the end"
    return token.text if len(token.text) <= NAME_MAX else f"{token.text[:NAME_MAX]}…"


def _character(character: str) -> str:
    name = f"U+{ord(character):04X}"
    return f"{character} ({name})" if character.isprintable() else name
