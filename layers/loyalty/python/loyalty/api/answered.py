"""Fields that many answers have, with their descriptions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

CardId = Annotated[str, Field(description="The id of the card. The ids of its transactions begin with this id.")]
CampaignId = Annotated[str, Field(description="The id that the product gave the campaign. It never changes.")]
CustomerId = Annotated[str, Field(description="Your id of the customer.")]
OrderId = Annotated[str | None, Field(description="Your id of the order; null without an order.")]
ProductId = Annotated[str, Field(description="Your id of the product.")]
ProgramId = Annotated[str, Field(description="The id of the program: your own id, or an id by the product.")]
RewardId = Annotated[str, Field(description="The id that the product gave the reward. It never changes.")]
TierStructureId = Annotated[
    str, Field(description="The id that the product gave the tier structure. It never changes.")
]
WalletId = Annotated[str, Field(description="The id that the product gave the wallet. It never changes.")]

CreatedAt = Annotated[datetime, Field(description="The instant of the creation, in UTC.")]
SavedAt = Annotated[datetime, Field(description="The instant in UTC at which this version was saved.")]
NextCursor = Annotated[str | None, Field(description="The cursor of the next page; null on the last page.")]

WalletLimit = Literal[
    "earningLimits.global", "earningLimits.transaction", "spendingLimits.global", "spendingLimits.transaction"
]
"""The limits of a wallet, by their paths in its settings."""
CappedBy = Literal[WalletLimit, "balance", "POINTS_LIMIT", "AMOUNT_LIMIT", "limits.perCustomer", "budget"]
"""What can reduce a movement: also the limit of a payment, or a limit of a campaign."""
