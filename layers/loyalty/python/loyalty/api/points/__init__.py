"""Movements of points as requests and answers."""
