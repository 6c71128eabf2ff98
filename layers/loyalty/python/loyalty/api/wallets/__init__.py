"""Wallets and the wallet builder as requests and answers."""
