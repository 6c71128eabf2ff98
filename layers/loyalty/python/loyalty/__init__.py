"""Loyalty point wallets: rules (`domain`), use cases, table (`store`), contract (`api`) and HTTP edge (`http`)."""

import gc
import importlib

from loyalty import config

if config.is_deployed():
    # Imports leave almost no garbage, and the collector takes a tenth of their time. The decorator of every handler,
    # `telemetry.logs_without_contents`, turns the collector on again.
    gc.disable()
    # Before Python 3.13.13, each call across the end of a chunk of the interpreter's stack takes microseconds
    # (https://github.com/python/cpython/issues/142183). urllib3 makes many calls as it compiles its expressions, so it
    # is imported here, where few calls are pending.
    importlib.import_module("botocore.auth")
