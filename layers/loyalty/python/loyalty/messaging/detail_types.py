"""Every detail type on the bus with its model. The schemas in `docs/events/` are made from these models."""

from loyalty.messaging.campaign_events import CAMPAIGN_DETAILS
from loyalty.messaging.events import CARD_AND_WALLET_DETAILS, Detail
from loyalty.messaging.program_events import PROGRAM_DETAILS
from loyalty.messaging.reward_events import REWARD_DETAILS

DETAILS: dict[str, type[Detail]] = {**CARD_AND_WALLET_DETAILS, **CAMPAIGN_DETAILS, **PROGRAM_DETAILS, **REWARD_DETAILS}
