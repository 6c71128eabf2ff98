"""Log and metrics of every function. Names come from the template's environment; ids are logged, bodies never."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
