"""Reads records of the table's stream as the values that were written."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loyalty.domain.cards.profile import Enrolment
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.catalogue.redemption import Redemption
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.campaign import Campaign, ExhaustedBudget
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.earning.run import Run, RunStatus
from loyalty.domain.tiers.program import Program
from loyalty.domain.tiers.structure_version import StructureVersion
from loyalty.domain.wallets.wallet import Wallet
from loyalty.store import keys
from loyalty.store.attributes import Item, int_from
from loyalty.store.campaign_items import campaign_from
from loyalty.store.card_items import enrolment_from
from loyalty.store.catalogue_items import reward_from
from loyalty.store.program_items import program_from, structure_version_from
from loyalty.store.receipts import receipt_from
from loyalty.store.redemptions import redemption_from
from loyalty.store.row_items import row_from
from loyalty.store.runs import run_from
from loyalty.store.wallet_items import wallet_from


@dataclass(frozen=True, slots=True)
class RedemptionChange:
    """A redemption that is new, or got another status."""

    redemption: Redemption
    is_new: bool


Version = Wallet | Campaign | Program | StructureVersion | Reward
Value = Transaction | Enrolment | Receipt | RedemptionChange | Version | Run | ExhaustedBudget


VERSIONS: dict[str, Callable[[Item], Version]] = {
    keys.wallet(""): wallet_from,
    keys.campaign(""): campaign_from,
    keys.reward(""): reward_from,
    keys.program(""): program_from,
    keys.tier_structure(""): structure_version_from,
}
"""How a version is read, by the head of its partition."""


def value_of(record: dict[str, Any]) -> Value | None:
    """Returns the row, card, receipt, redemption or version of the record, the completed run or the exhausted budget.

    Returns None for other records. The profile of a new card describes the card. If a part of an order was refunded
    before it was paid, the order's receipt takes the place of a marker.
    """
    match record["eventName"]:
        case "INSERT":
            return _new_value(_image(record["dynamodb"]["NewImage"]))
        case "MODIFY":
            return _changed_value(_image(record["dynamodb"]["NewImage"]))
    return None


def _new_value(image: Item) -> Value | None:
    match image["sk"]["S"].split("#", 1)[0]:
        case keys.TXN:
            return row_from(image)
        case keys.PROFILE:
            return enrolment_from(image)
        case keys.RECEIPT:
            return receipt_from(image)
        case keys.REDEMPTION:
            return RedemptionChange(redemption_from(image), is_new=True)
        case keys.VERSION:
            return _version_from(image)
    return None


def _changed_value(image: Item) -> Value | None:
    """Returns a receipt that takes the place of a marker, a redemption, a completed run, or an exhausted budget."""
    if image["sk"]["S"].startswith(keys.REDEMPTION):
        return RedemptionChange(redemption_from(image), is_new=False)
    if image["sk"]["S"].startswith(keys.RECEIPT):
        receipt = receipt_from(image)
        return receipt if receipt.refunded is not None and not receipt.uncounted else None
    if image["pk"]["S"] == keys.LIVE:
        # Only the mark of an exhausted budget leaves the settings in the live copy.
        return ExhaustedBudget(campaign_from(image), int_from(image, "x")) if {"x", "def"} <= image.keys() else None
    is_run = image["pk"]["S"].startswith(keys.run(""))
    return run_from(image) if is_run and image["st"]["S"] == RunStatus.COMPLETED else None


def _version_from(image: Item) -> Version | None:
    """Returns the version. Its partition has the kind of its definition."""
    partition = image["pk"]["S"]
    readers = (read for head, read in VERSIONS.items() if partition.startswith(head))
    return next((read(image) for read in readers), None)


def _image(image: Item) -> Item:
    """Decodes binary values: Lambda delivers the stream as JSON, with binary values in base64."""
    return {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in image.items()}
