"""/v1/session and /v1/project: who calls and what the caller may do; zone, currency and the schemas of metadata."""

from http import HTTPStatus

from loyalty import config, errors
from loyalty.api.project import Project, ProjectRequest
from loyalty.api.session import Session
from loyalty.http.calls import CallOf
from loyalty.http.parameters import IfMatch, expected_version
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases import project

app = APIGatewayHttpResolver()


@app.get(
    "/v1/session",
    summary="Read who calls",
    description="The answer has what the API key of the request may do. Any valid key may call this route.",
    responses=document_answers(HTTPStatus.OK, Session),
    tags=["Access"],
)
def read_session(call: CallOf) -> Response:
    caller = call.caller
    found = project.current_project(call.store)
    return answer(Session.of(caller.actor, caller.name, caller.role, caller.rights, found, config.stack()))


@app.get(
    "/v1/project",
    summary="Read the project",
    description="The answer has the time zone, the currency, the schemas of metadata and the roles.",
    responses=document_answers(HTTPStatus.OK, Project),
    tags=["Project"],
)
def read_project(
    call: CallOf,
) -> Response:
    found = project.current_project(call.store)
    return answer(Project.of(found), etag=found.version)


@app.put(
    "/v1/project",
    summary="Set up the project",
    description=(
        "Replaces the whole project. The first active wallet fixes zone and currency. A new schema applies to "
        "a wallet at its next change, and to a card when its metadata is sent next. A role may have only rights "
        "that the caller has, unless the role stays as it is."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        Project,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.SettingFixed,
        errors.RightsExceeded,
    ),
    tags=["Project"],
)
def change_project(call: CallOf, body: ProjectRequest, if_match: IfMatch = None) -> Response:
    changed = project.change(call.store, body.project, expected_version(if_match), call.caller.rights)
    return answer(Project.of(changed), etag=changed.version)


lambda_handler = entry_point(app)
