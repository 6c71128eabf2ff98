"""Card codes: their alphabet, their form, how many there can be."""

from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

CHARSETS = {
    "NUMERIC": digits,
    "ALPHABETIC": ascii_lowercase + ascii_uppercase,
    "ALPHABETIC_LOWER": ascii_lowercase,
    "ALPHABETIC_UPPER": ascii_uppercase,
    "ALPHANUMERIC": digits + ascii_lowercase + ascii_uppercase,
    "ALPHANUMERIC_LOWER": digits + ascii_lowercase,
    "ALPHANUMERIC_UPPER": digits + ascii_uppercase,
    "UNAMBIGUOUS": "23456789ABCDEFGHJKMNPQRSTUVWXYZ",
}
PLACEHOLDER = "#"
CODE_LENGTH_MAX = 64
POSSIBLE_CODES_MIN = 10**6
"""Fewer make codes guessable and collisions common."""


@dataclass(frozen=True, slots=True)
class Code:
    """`charset` names one of `CHARSETS` or lists its own characters; each `#` of the pattern is one random character.

    Without a pattern, a code is `length` random characters.
    """

    charset: str = "ALPHANUMERIC"
    length: int = 10
    pattern: str | None = None
    prefix: str = ""
    postfix: str = ""

    @property
    def alphabet(self) -> str:
        return CHARSETS.get(self.charset, "".join(dict.fromkeys(self.charset)))

    @property
    def form(self) -> str:
        return self.prefix + (self.pattern or PLACEHOLDER * self.length) + self.postfix

    @property
    def possible(self) -> int:
        """How many different codes there can be."""
        return int(len(self.alphabet) ** (self.pattern or PLACEHOLDER * self.length).count(PLACEHOLDER))

    @property
    def problem(self) -> str | None:
        if len(self.form) > CODE_LENGTH_MAX:
            return f"A code of prefix, pattern and postfix has {len(self.form)} characters; at most {CODE_LENGTH_MAX}."
        return None

    def generated(self, choose: Callable[[str], str]) -> str:
        """A code, with `choose` picking each random character from the alphabet."""
        body = "".join(
            choose(self.alphabet) if character == PLACEHOLDER else character
            for character in self.pattern or PLACEHOLDER * self.length
        )
        return f"{self.prefix}{body}{self.postfix}"
