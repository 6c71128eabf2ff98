"""Replay a file of real orders through the HTTP API and compare the points, the balances and the events."""
