"""What requests about the rewards catalogue do."""
