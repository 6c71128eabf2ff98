"""What the product does: read, decide in the domain, commit."""
