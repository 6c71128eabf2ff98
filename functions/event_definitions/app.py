"""/v1/event-definitions…: the custom events that the project knows."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.events import EventDefinitionForm, EventDefinitionList, EventDefinitionShape
from loyalty.http.calls import StoreOf
from loyalty.http.parameters import EventName
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answered, responses
from loyalty.usecases import custom_events

app = APIGatewayHttpResolver()


@app.get(
    "/v1/event-definitions",
    summary="List event definitions",
    responses=responses(HTTPStatus.OK, EventDefinitionList),
    tags=["Events"],
)
def list_event_definitions(store: StoreOf) -> Response[Any]:
    definitions = [EventDefinitionShape.of(definition) for definition in store.event_definitions.all()]
    return answered(EventDefinitionList(data=definitions))


@app.get(
    "/v1/event-definitions/<name>",
    summary="Read an event definition",
    responses=responses(HTTPStatus.OK, EventDefinitionShape, errors.EventDefinitionNotFound),
    tags=["Events"],
)
def read_event_definition(name: EventName, store: StoreOf) -> Response[Any]:
    definition = custom_events.definition(store, name)
    return answered(EventDefinitionShape.of(definition), etag=definition.version)


@app.put(
    "/v1/event-definitions/<name>",
    summary="Define an event, or change its definition",
    responses=responses(HTTPStatus.OK, EventDefinitionShape, errors.Busy),
    tags=["Events"],
)
def define_event(name: EventName, body: EventDefinitionForm, store: StoreOf) -> Response[Any]:
    schema = [known.property for known in body.properties]
    definition = custom_events.define(store, name, body.description, schema, datetime.now(UTC))
    return answered(EventDefinitionShape.of(definition), etag=definition.version)


lambda_handler = entry_point(app)
