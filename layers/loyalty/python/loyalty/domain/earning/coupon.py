"""Coupons: codes that give a campaign's points when a customer redeems them."""

import hmac
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from itertools import count

from loyalty.domain.wallets.codes import PLACEHOLDER, Code

CODE_LENGTH_MIN = 4
POSSIBLE_CODES_PER_CODE = 10_000
"""How many codes are possible for each code that is made: fewer codes could be guessed."""
DEFAULT_FORM = Code(charset="UNAMBIGUOUS")
_NUMBER_BYTES = 8


class CouponReason(StrEnum):
    """Why a coupon gives no points. A reason of its campaign and a refusal of the wallet are reasons too."""

    NOT_RUNNING = "not_running"
    """The campaign is not ACTIVE, has not started, or is over."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_CUSTOMER = "other_customer"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A code of a campaign. Letters of codes are upper-case."""

    code: str
    campaign_id: str
    created_at: int
    max_uses: int | None = None
    """None: a shared code, whose uses are not counted."""
    uses: int = 0
    customer_id: str | None = None
    """The only customer who may redeem the code; None: every customer may."""
    expires_at: int | None = None
    """Epoch seconds; the code cannot be redeemed from then on."""
    revoked: bool = False
    request: bytes = b""
    """What identifies the request that made the code."""
    number: int = 0
    """The place of the code in this request."""

    def refusal(self, customer_id: str | None, now: int) -> CouponReason | None:
        """Returns why the customer cannot redeem the code now, whatever the campaign. None: any customer."""
        if self.revoked:
            return CouponReason.REVOKED
        if customer_id is not None and self.customer_id not in (None, customer_id):
            return CouponReason.OTHER_CUSTOMER
        if self.expires_at is not None and self.expires_at <= now:
            return CouponReason.EXPIRED
        if self.max_uses is not None and self.uses >= self.max_uses:
            return CouponReason.USED_UP
        return None

    def is_made_by(self, request: bytes, number: int) -> bool:
        return (self.request, self.number) == (request, number)


def canonical_code(code: str) -> str:
    """Returns the code as it is kept: codes are compared without case."""
    return code.upper()


def possible_codes(form: Code) -> int:
    """Returns the number of possible codes that differ in more than case."""
    text = form.pattern or PLACEHOLDER * form.length
    return int(len(_alphabet(form.alphabet)) ** text.count(PLACEHOLDER))


def made_codes(form: Code, seed: bytes, request: bytes, numbers: int, taken: Collection[str]) -> list[str]:
    """Returns the codes of a request: the same request makes the same codes.

    `seed` is the campaign's, so that the codes cannot be guessed. A code that is `taken`, or that an earlier
    number of the request has, is replaced by the next one for its number.
    """
    codes: dict[str, None] = {}
    for number in range(numbers):
        code = next(one for one in _candidates(form, seed, request, number) if one not in codes and one not in taken)
        codes[code] = None
    return list(codes)


def _candidates(form: Code, seed: bytes, request: bytes, number: int) -> Iterator[str]:
    for attempt in count():
        draws = _draws(seed, b"\n".join([request, str(number).encode(), str(attempt).encode()]))
        yield canonical_code(form.random_code(partial(_pick, draws)))


def _draws(seed: bytes, name: bytes) -> Iterator[int]:
    for block in count():
        digest = hmac.digest(seed, name + b"\n" + str(block).encode(), sha256)
        for start in range(0, len(digest), _NUMBER_BYTES):
            yield int.from_bytes(digest[start : start + _NUMBER_BYTES], "big")


def _pick(draws: Iterator[int], alphabet: str) -> str:
    characters = _alphabet(alphabet)
    return characters[next(draws) * len(characters) >> (8 * _NUMBER_BYTES)]


def _alphabet(characters: str) -> str:
    return "".join(dict.fromkeys(canonical_code(characters)))
