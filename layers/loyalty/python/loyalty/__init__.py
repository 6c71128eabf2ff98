"""Loyalty point wallets: the rules (`domain`), the use cases, the table (`store`) and the HTTP edge (`api`)."""
