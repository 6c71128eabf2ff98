"""A design as a Lambda function: Powertools' resolver with validation, its logger and its metrics."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel, ConfigDict, Field

from tests.bench.alternatives.contract import Alternative, Movement


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    points: Annotated[int, Field(gt=0)]
    orderId: Annotated[str, Field(max_length=128)] = ""  # noqa: N815  # the request's own words
    description: Annotated[str, Field(max_length=256)] = ""
    metadata: Annotated[str, Field(max_length=1_024)] = ""


Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]


def handler_of(design: Alternative) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    app = APIGatewayHttpResolver(enable_validation=True)
    logger = Logger(service=f"design-{design.letter}")
    metrics = Metrics(namespace="Points", service="points")

    def move(customer_id: str, body: Body, key: str, sign: int) -> Response[str]:
        movement = Movement(
            customer_id,
            key,
            sign * body.points,
            datetime.now(UTC),
            order_id=body.orderId,
            description=body.description,
            metadata=body.metadata,
        )
        answer = design.move(movement)
        logger.info("moved", points=movement.points, customer_id=customer_id)
        metrics.add_metric(name="moved", unit=MetricUnit.Count, value=1)
        return Response(HTTPStatus.CREATED, "application/json", json.dumps(answer))

    @app.post("/customers/<customer_id>/credits")
    def credit(customer_id: str, body: Body, key: Key) -> Response[str]:
        return move(customer_id, body, key, 1)

    @app.post("/customers/<customer_id>/debits")
    def debit(customer_id: str, body: Body, key: Key) -> Response[str]:
        return move(customer_id, body, key, -1)

    @logger.inject_lambda_context
    @metrics.log_metrics
    def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return app.resolve(event, context)

    return lambda_handler
