"""Formulas: numbers, arithmetic, a few functions, the facts of an order and a card, and nothing else."""
