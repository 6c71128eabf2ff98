"""The environment of every test. It is set before the package is imported, so that no test reaches a real account."""

import os

from hypothesis import settings

from tests.support import zones

os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LOYALTY_TABLE": "loyalty",
        "LOYALTY_BUS": "loyalty",
        "LOYALTY_TIME_ZONE": "Europe/Berlin",
        "LOYALTY_CURRENCY": "EUR",
        "POWERTOOLS_METRICS_NAMESPACE": "Loyalty",
        "POWERTOOLS_SERVICE_NAME": "loyalty",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }
)

if os.environ.get("LOYALTY_ZONE_DATA") == "older":
    zones.use(zones.older())

# CI tries a few examples more than the usual profile. `--hypothesis-profile long` runs for a quarter of an hour.
# A failure prints how to run it again.
settings.register_profile("usual", deadline=None, print_blob=True, max_examples=33)
settings.register_profile("ci", deadline=None, print_blob=True, max_examples=40)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=3_000)
settings.load_profile("ci" if os.environ.get("CI") else "usual")
