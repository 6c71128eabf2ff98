"""Loyalty point wallets: rules (`domain`), use cases, table (`store`), contract (`api`) and HTTP edge (`http`)."""

import gc

from loyalty import config

if config.is_deployed():
    # Imports leave almost no garbage, and the collector takes a tenth of their time. The decorator of every handler,
    # `telemetry.logs_without_contents`, turns the collector on again.
    gc.disable()
