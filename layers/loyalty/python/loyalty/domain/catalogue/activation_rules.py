"""What keeps a reward from being ACTIVE: one table of rules, in the order of the settings."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loyalty.domain.catalogue.reward import RewardKind, RewardSettings, WalletPoints
from loyalty.domain.wallets.activation_rules import NOT_USED
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem

Wallets = Mapping[str, WalletStatus]
"""The status of each named wallet that exists."""
Check = Callable[[RewardSettings, Wallets], Iterable[int | None]]
"""Returns the place of each violation in the list of the rule's field; None if the field has no list."""


@dataclass(frozen=True, slots=True)
class Rule:
    field: str
    """Path of the setting to correct; `[]` is any place in a list."""
    code: str
    sentence: str
    check: Check

    def problems(self, settings: RewardSettings, wallets: Wallets) -> Iterator[FieldProblem]:
        for place in self.check(settings, wallets):
            path = self.field if place is None else self.field.replace("[]", f"[{place}]")
            yield FieldProblem(path, self.code, self.sentence, step=re.split(r"[.\[]", path)[0])


def activation_problems(settings: RewardSettings, wallets: Wallets) -> list[FieldProblem]:
    """Returns the problems to correct, in the order of the settings."""
    return [problem for rule in RULES for problem in rule.problems(settings, wallets)]


def _if(condition: Callable[[RewardSettings], object]) -> Check:
    return lambda settings, _: [None] if condition(settings) else []


def _repetitions(values_of: Callable[[RewardSettings], Sequence[object]]) -> Check:
    def check(settings: RewardSettings, _: Wallets) -> Iterator[int]:
        values = values_of(settings)
        return (place for place, value in enumerate(values) if value in values[:place])

    return check


def _wallet_rules(field: str, parts_of: Callable[[RewardSettings], Sequence[WalletPoints | None]]) -> tuple[Rule, Rule]:
    """Returns the rules that the wallets of the parts exist and are ACTIVE."""

    def with_status(*statuses: WalletStatus) -> Check:
        def check(settings: RewardSettings, wallets: Wallets) -> Iterator[int]:
            for place, part in enumerate(parts_of(settings)):
                if part and wallets.get(part.wallet_id, WalletStatus.DELETED) in statuses:
                    yield place

        return check

    return (
        Rule(field, "unknown_wallet", "The wallet must exist.", with_status(WalletStatus.DELETED)),
        Rule(
            field,
            "wallet_not_active",
            "The wallet must be ACTIVE.",
            with_status(WalletStatus.DRAFT, WalletStatus.INACTIVE),
        ),
    )


def _kind_rules(kind: RewardKind, setting: str, of: Callable[[RewardSettings], object]) -> tuple[Rule, Rule]:
    """Returns the rules that a reward has the setting if and only if it has the kind."""
    return (
        Rule(setting, "required", f"The kind {kind} needs this setting.", _if(lambda s: s.kind is kind and not of(s))),
        Rule(
            setting,
            NOT_USED,
            f"The setting has an effect only with the kind {kind}.",
            _if(lambda s: s.kind is not kind and of(s)),
        ),
    )


RULES = (
    Rule("price", "required", "A reward needs a price.", _if(lambda s: not s.price)),
    *_wallet_rules("price[].walletId", lambda s: s.price),
    Rule(
        "price[].walletId",
        "repeated",
        "List each wallet once.",
        _repetitions(lambda s: [part.wallet_id for part in s.price]),
    ),
    Rule(
        "stock",
        NOT_USED,
        "The codes are the stock of a DISCOUNT_CODE.",
        _if(lambda s: s.kind is RewardKind.DISCOUNT_CODE and s.stock is not None),
    ),
    Rule(
        "endsAt",
        "not_after_start",
        "endsAt must be later than startsAt.",
        _if(lambda s: s.starts_at is not None and s.ends_at is not None and s.ends_at <= s.starts_at),
    ),
    Rule(
        "hours[].to",
        "not_after_start",
        "`to` must be later than `from`. Use two entries for hours that include midnight.",
        lambda s, _: [place for place, hours in enumerate(s.hours) if hours.end <= hours.start],
    ),
    Rule(
        "limits.perCustomer.per[].unit",
        "repeated",
        "Each period may be listed once.",
        _repetitions(lambda s: [one.unit for one in s.customer_limits.per]),
    ),
    *_kind_rules(RewardKind.PRODUCT, "product", lambda s: s.product),
    *_kind_rules(RewardKind.ENTITLEMENT, "entitlement", lambda s: s.entitlement),
    *_kind_rules(RewardKind.POINTS, "credit", lambda s: s.credit),
    *_wallet_rules("credit.walletId", lambda s: [s.credit]),
    Rule(
        "credit.walletId",
        "wallet_of_price",
        "The reward must give points of another wallet than those of the price.",
        _if(lambda s: s.credit and s.credit.wallet_id in {part.wallet_id for part in s.price}),
    ),
)
