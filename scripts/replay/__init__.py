"""Replays a file of real orders through the HTTP API and compares the points, the balances and the events."""
