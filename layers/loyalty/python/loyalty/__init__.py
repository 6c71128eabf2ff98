"""Loyalty point wallets: rules (`domain`), use cases, table (`store`), contract (`api`) and HTTP edge (`http`)."""
