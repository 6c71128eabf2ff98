"""Tiers: the levels that customers reach with the points of one card."""
