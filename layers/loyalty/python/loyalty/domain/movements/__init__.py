"""The effect of each command on a card."""
