"""/v1/event-definitions…: define the project's custom events."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.custom_events import EventDefinition, EventDefinitionList, EventDefinitionRequest
from loyalty.http.calls import CallOf
from loyalty.http.parameters import EventName
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases import event_definitions

app = APIGatewayHttpResolver()


@app.get(
    "/v1/event-definitions",
    summary="List event definitions",
    description="The list is complete on one page. Built-in events, such as `order.paid`, have no definition.",
    responses=document_answers(HTTPStatus.OK, EventDefinitionList),
    tags=["Events"],
)
def list_event_definitions(
    call: CallOf,
) -> Response:
    definitions = [EventDefinition.of(definition) for definition in event_definitions.all_definitions(call.store)]
    return answer(EventDefinitionList(data=definitions))


@app.get(
    "/v1/event-definitions/<name>",
    summary="Read an event definition",
    description="Built-in events, such as `order.paid`, have no definition.",
    responses=document_answers(HTTPStatus.OK, EventDefinition, errors.EventDefinitionNotFound),
    tags=["Events"],
)
def read_event_definition(
    call: CallOf,
    name: EventName,
) -> Response:
    definition = event_definitions.read(call.store, name)
    return answer(EventDefinition.of(definition), etag=definition.version)


@app.put(
    "/v1/event-definitions/<name>",
    summary="Create or replace an event definition",
    description=(
        "Events with other properties than the definition's are accepted, but each listed property must have its type."
    ),
    responses=document_answers(HTTPStatus.OK, EventDefinition, errors.ReservedName),
    tags=["Events"],
)
def define_event(
    call: CallOf,
    name: EventName,
    body: EventDefinitionRequest,
) -> Response:
    definition = event_definitions.define(call.store, name, body.description, body.schema_of_properties, call.now)
    return answer(EventDefinition.of(definition), etag=definition.version)


lambda_handler = entry_point(app)
