"""/v1/event-definitions…: the custom events that the project knows."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import api, custom_events, errors
from loyalty import event_form as form

app = api.APIGatewayHttpResolver()


@app.get(
    "/v1/event-definitions",
    summary="List event definitions",
    responses=api.responses(HTTPStatus.OK, form.EventDefinitionList),
    tags=["Events"],
)
def list_event_definitions(store: api.StoreOf) -> Response[Any]:
    definitions = [form.EventDefinitionShape.of(definition) for definition in store.event_definitions.all()]
    return api.answered(form.EventDefinitionList(data=definitions))


@app.get(
    "/v1/event-definitions/<name>",
    summary="Read an event definition",
    responses=api.responses(HTTPStatus.OK, form.EventDefinitionShape, errors.EventDefinitionNotFound),
    tags=["Events"],
)
def read_event_definition(name: form.EventName, store: api.StoreOf) -> Response[Any]:
    definition = custom_events.definition(store, name)
    return api.answered(form.EventDefinitionShape.of(definition), etag=definition.version)


@app.put(
    "/v1/event-definitions/<name>",
    summary="Define an event, or change its definition",
    responses=api.responses(HTTPStatus.OK, form.EventDefinitionShape, errors.Busy),
    tags=["Events"],
)
def define_event(name: form.EventName, body: form.EventDefinitionForm, store: api.StoreOf) -> Response[Any]:
    schema = [known.property for known in body.properties]
    definition = custom_events.define(store, name, body.description, schema, datetime.now(UTC))
    return api.answered(form.EventDefinitionShape.of(definition), etag=definition.version)


lambda_handler = api.entry_point(app)
