"""Log and metrics of every function. Names come from the template's environment; ids are logged, bodies never."""

import warnings

from aws_lambda_powertools import Logger, Metrics

# Most requests publish no metric, and Powertools would warn about each.
warnings.filterwarnings("ignore", "No application metrics to publish")

logger = Logger()
metrics = Metrics()
