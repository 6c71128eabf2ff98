"""/v1/keys…: create, list and revoke API keys."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.access import ApiKey, ApiKeyCreated, ApiKeyList, ApiKeyRequest
from loyalty.http.calls import CallOf
from loyalty.http.gateway import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import CursorText, KeyId, Limit, OptionalIdempotencyKey
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_nothing, document_answers
from loyalty.usecases import api_keys

app = APIGatewayHttpResolver()


@app.post(
    "/v1/keys",
    summary="Create an API key",
    description=(
        "The answer has the key once, because only its hash is stored. A repetition answers the same `keyId`, and null "
        "as `key`: if the first answer is lost, revoke this key and create another one. A key may not do more than the "
        "caller who creates it."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(HTTPStatus.CREATED, ApiKeyCreated, errors.KeyReused, errors.RightsExceeded),
    tags=["Access"],
)
def create_key(call: CallOf, body: ApiKeyRequest, key: OptionalIdempotencyKey = None) -> Response:
    new = api_keys.NewKey(
        name=body.name,
        role=body.role,
        scopes=frozenset(body.scopes or ()),
        created_by=call.actor,
        idempotency_key=key,
        fingerprint=fingerprint("create API key", body=call.sent),
    )
    created = api_keys.create(call.store, new, call.caller.rights, call.now)
    return answer(ApiKeyCreated.of(created), status=HTTPStatus.CREATED, repeated=created.secret is None)


@app.get(
    "/v1/keys",
    summary="List API keys",
    description="The keys are in the order of their ids. Revoked keys are listed too.",
    responses=document_answers(HTTPStatus.OK, ApiKeyList, errors.InvalidCursor),
    tags=["Access"],
)
def list_keys(call: CallOf, limit: Limit = 25, cursor: CursorText = None) -> Response:
    after = from_cursor(cursor, str)
    page, last = api_keys.page_of_keys(call.store, after[0] if after else None, limit)
    data = [ApiKey.of(found) for found in page]
    return answer(ApiKeyList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.delete(
    "/v1/keys/<keyId>",
    summary="Revoke an API key",
    description=(
        "The key is refused within a minute, when cached permissions end. A second revocation changes nothing. The "
        "caller may revoke any key, also the caller's own."
    ),
    status_code=HTTPStatus.NO_CONTENT,
    responses=document_answers(HTTPStatus.NO_CONTENT, None, errors.ApiKeyNotFound),
    tags=["Access"],
)
def revoke_key(call: CallOf, key_id: KeyId) -> Response:
    api_keys.revoke(call.store, key_id, call.now)
    return answer_nothing()


lambda_handler = entry_point(app)
