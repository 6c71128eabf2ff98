"""Requests and answers about wallets and the wallet builder."""
