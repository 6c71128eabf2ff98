"""A card rebuilt from its rows, compared and explained."""
