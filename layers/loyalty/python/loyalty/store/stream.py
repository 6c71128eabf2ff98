"""Reads records of the table's stream as the values that were written."""

import base64
from typing import Any

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.wallets.wallet import Wallet
from loyalty.store import keys
from loyalty.store.attributes import Item
from loyalty.store.campaign_items import campaign_from
from loyalty.store.card_items import card_from
from loyalty.store.receipts import receipt_from
from loyalty.store.row_items import row_from
from loyalty.store.wallet_items import wallet_from


def inserted_value(record: dict[str, Any]) -> Transaction | Card | Receipt | Wallet | Campaign | None:
    """Returns the row, card, receipt or version that the record inserted; None for other records.

    The receipt of an order takes the place of a marker, if a part of the order was refunded before it was paid.
    """
    match record["eventName"]:
        case "INSERT":
            return _new_value(_image(record["dynamodb"]["NewImage"]))
        case "MODIFY" if record["dynamodb"]["Keys"]["sk"]["S"].startswith(keys.RECEIPT):
            receipt = receipt_from(_image(record["dynamodb"]["NewImage"]))
            return receipt if receipt.refunded is not None and not receipt.uncounted else None
    return None


def _new_value(image: Item) -> Transaction | Card | Receipt | Wallet | Campaign | None:
    match image["sk"]["S"].split("#", 1)[0]:
        case keys.TXN:
            return row_from(image)
        case keys.CARD:
            return card_from(image)
        case keys.RECEIPT:
            return receipt_from(image)
        case keys.VERSION:
            return _version_from(image)
    return None


def _version_from(image: Item) -> Wallet | Campaign | None:
    """Returns the version. Its partition has the kind of its definition."""
    partition = image["pk"]["S"]
    if partition.startswith(keys.wallet("")):
        return wallet_from(image)
    return campaign_from(image) if partition.startswith(keys.campaign("")) else None


def _image(image: Item) -> Item:
    """Decodes binary values: Lambda delivers the stream as JSON, with binary values in base64."""
    return {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in image.items()}
