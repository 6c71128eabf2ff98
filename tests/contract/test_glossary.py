"""docs/reference/glossary.md explains every term once, and every value of the public enums."""

import re
from enum import StrEnum

import pytest

from loyalty.domain.cards.card import CardStatus
from loyalty.domain.cards.transaction import Operation, Source, TransactionType
from loyalty.domain.catalogue.redemption import RedemptionStatus
from loyalty.domain.catalogue.reward import RewardKind, RewardStatus
from loyalty.domain.earning.campaign import CampaignPhase, CampaignStatus
from loyalty.domain.wallets.wallet import WalletStatus
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "reference" / "glossary.md").read_text()
TERMS = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
EXPLAINED = {term: text.strip() for term, _, text in (entry.partition("\n") for entry in TERMS)}
ENUMS: dict[str, type[StrEnum]] = {
    "Campaign phase": CampaignPhase,
    "Campaign status": CampaignStatus,
    "Card status": CardStatus,
    "Operation": Operation,
    "Redemption status": RedemptionStatus,
    "Reward kind": RewardKind,
    "Reward status": RewardStatus,
    "Source": Source,
    "Transaction type": TransactionType,
    "Wallet status": WalletStatus,
}


@pytest.mark.parametrize("term", ENUMS)
def test_a_term_lists_exactly_the_values_of_its_enum(term: str) -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", EXPLAINED[term], re.MULTILINE)
    assert sorted(listed) == sorted(ENUMS[term])


def test_terms_are_unique_and_sorted() -> None:
    assert len(EXPLAINED) == len(TERMS)
    assert list(EXPLAINED) == sorted(EXPLAINED, key=str.casefold)


def test_each_term_has_an_explanation_that_starts_with_a_sentence() -> None:
    assert [term for term, text in EXPLAINED.items() if not re.match(r"[A-Z].*\w", text)] == []
