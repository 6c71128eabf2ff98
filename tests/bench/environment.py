"""The environment of a function, for the bench. It is set before the product is imported."""

import os

os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LOYALTY_TABLE": "loyalty",
        "LOYALTY_TABLE_ENDPOINT": "https://dynamodb.us-east-1.amazonaws.com",
        "LOYALTY_TIME_ZONE": "Europe/Berlin",
        "LOYALTY_CURRENCY": "EUR",
        # Log and metrics are as deployed, because they are part of the measurement.
        "POWERTOOLS_METRICS_NAMESPACE": "Loyalty",
        "POWERTOOLS_SERVICE_NAME": "loyalty",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
    }
)
for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
    os.environ.pop(name, None)
