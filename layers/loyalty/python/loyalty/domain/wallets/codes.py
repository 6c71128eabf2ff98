"""Card codes: their alphabet, their form, and the number of possible codes."""

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
"""With fewer possible codes, codes are guessable and collisions are common."""


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
    def possible_codes(self) -> int:
        """The number of possible codes."""
        return int(len(self.alphabet) ** (self.pattern or PLACEHOLDER * self.length).count(PLACEHOLDER))

    @property
    def decisive_field(self) -> str:
        """The setting that decides how many codes are possible."""
        return "length" if self.pattern is None else "pattern"

    @property
    def problem(self) -> str | None:
        if len(self.form) > CODE_LENGTH_MAX:
            return f"Prefix, pattern and postfix have {len(self.form)} characters; the maximum is {CODE_LENGTH_MAX}."
        return None

    def random_code(self, choose: Callable[[str], str]) -> str:
        """Returns a code; `choose` picks each random character from the alphabet."""
        body = "".join(
            choose(self.alphabet) if character == PLACEHOLDER else character
            for character in self.pattern or PLACEHOLDER * self.length
        )
        return f"{self.prefix}{body}{self.postfix}"
