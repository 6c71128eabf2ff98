"""The rewards catalogue: what customers get for their points, and what they redeemed."""
