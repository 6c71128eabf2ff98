"""A card, its ledger's rows, and what time does to it."""
