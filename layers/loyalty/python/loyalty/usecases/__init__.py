"""The product's use cases: read, decide in the domain, commit."""
