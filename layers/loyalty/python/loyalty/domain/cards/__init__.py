"""A card, the rows of its ledger, and the effects of time on it."""
