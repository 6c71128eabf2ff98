"""What each command does to a card."""
