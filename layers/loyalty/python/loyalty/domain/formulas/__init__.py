"""Formulas: numbers, arithmetic, a few functions, the inputs of an order and a card, and nothing else."""
