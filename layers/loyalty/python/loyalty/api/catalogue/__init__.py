"""Requests and answers about the rewards catalogue."""
