"""What the product adds to bare boto3. The environment is set here, before anything imports the product."""

import os
import sys

# The layers' folders are deployed as they lie.
sys.dont_write_bytecode = True
os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LOYALTY_TABLE": "loyalty",
        "LOYALTY_TIME_ZONE": "Europe/Berlin",
        "LOYALTY_CURRENCY": "EUR",
        # Log and metrics as deployed: they are part of what is measured.
        "POWERTOOLS_METRICS_NAMESPACE": "Loyalty",
        "POWERTOOLS_SERVICE_NAME": "loyalty",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
)
for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
    os.environ.pop(name, None)
