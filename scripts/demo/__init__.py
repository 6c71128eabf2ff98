"""A demonstration shop for the running stack."""
