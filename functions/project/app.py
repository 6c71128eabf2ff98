"""/v1/project: zone and currency, and the schemas that metadata is checked against."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import api, errors, project
from loyalty import project_form as form

app = api.APIGatewayHttpResolver()


@app.get(
    "/v1/project",
    summary="Read the project",
    responses=api.responses(HTTPStatus.OK, form.ProjectShape),
    tags=["Project"],
)
def read_project(store: api.StoreOf) -> Response[Any]:
    found = store.project.get(form.deployed())
    return api.answered(form.ProjectShape.of(found), etag=found.version)


@app.put(
    "/v1/project",
    summary="Set up the project",
    description="Replaces it whole. Zone and currency are fixed once a wallet was active. A new schema is asked of "
    "wallets when they next change, of cards when metadata is next sent.",
    responses=api.responses(
        HTTPStatus.OK,
        form.ProjectShape,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.SettingFixed,
        errors.Busy,
    ),
    tags=["Project"],
)
def change_project(body: form.ProjectForm, store: api.StoreOf, if_match: api.IfMatch = None) -> Response[Any]:
    changed = project.change(store, body.project, api.expected_version(if_match), form.deployed())
    return api.answered(form.ProjectShape.of(changed), etag=changed.version)


lambda_handler = api.entry_point(app)
