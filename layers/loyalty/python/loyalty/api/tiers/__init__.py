"""Requests and answers about programs, tier structures and tiers."""
