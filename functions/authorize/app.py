"""The HTTP API's authorizer: identifies the API key and decides whether the key may call the route."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.http.routes import may
from loyalty.store.store import connected_store
from loyalty.telemetry import fails_without_contents, logger
from loyalty.usecases import api_keys


@logger.inject_lambda_context(clear_state=True)
@fails_without_contents
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Returns a simple response (AWS: Lambda authorizers for HTTP APIs), cached by the gateway per key and route."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    holder = api_keys.holder(connected_store(), headers.get("x-api-key", ""))
    allowed = holder is not None and may(holder.scopes, event["routeKey"])
    logger.info("authorized" if allowed else "denied", key_id=holder and holder.key_id, route=event["routeKey"])
    if holder is None or not allowed:
        return {"isAuthorized": False}
    context = {"keyId": holder.key_id, "name": holder.name, "scopes": " ".join(sorted(holder.scopes))}
    return {"isAuthorized": True, "context": context}
