"""Wallets and their settings."""
