"""Requests and answers about earning points."""
