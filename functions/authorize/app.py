"""The HTTP API's authorizer: identifies the API key. The function of the route decides whether the key may call it."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty import config
from loyalty.domain.access import may_be_key
from loyalty.store.store import connected_store
from loyalty.telemetry import log_failure, logger, logs_without_contents
from loyalty.usecases import api_keys

if config.is_deployed():
    # The start of an environment has a whole processor, the first request only a part of one.
    connected_store()


@logs_without_contents
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Returns a simple response (AWS: Lambda authorizers for HTTP APIs), cached by the gateway per key.

    A key without the scope of the route is identified too, so that the function can answer which scope is missing.
    """
    key = next((value for name, value in (event.get("headers") or {}).items() if name.lower() == "x-api-key"), "")
    if not may_be_key(key):
        # Anyone may send such texts, in any number: they cost no read and no line.
        return {"isAuthorized": False}
    store = connected_store()
    holder = api_keys.holder(store, key)
    rights = api_keys.rights_of(store, holder) if holder else None
    logger.info("identified" if holder else "denied", key_id=holder and holder.key_id)
    if holder is None or rights is None:
        return {"isAuthorized": False}
    try:
        api_keys.record_use(store, holder, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001  # a request must not fail because its day was not recorded
        log_failure("use not recorded", error, key_id=holder.key_id)
    context = {"keyId": holder.key_id, "name": holder.name, "scopes": " ".join(sorted(rights.scopes))}
    if holder.role is not None:
        context["role"] = holder.role
    if rights.adjustment_max is not None:
        context["adjustmentMax"] = str(rights.adjustment_max)
    return {"isAuthorized": True, "context": context}
