"""/v1/programs… and /v1/tier-structures…: define programs and tier structures, and assign wallets to programs."""

from http import HTTPStatus
from typing import Annotated

from loyalty import errors
from loyalty.api.tiers.programs import (
    Program,
    ProgramCreateRequest,
    ProgramList,
    ProgramUpdateRequest,
    TierRecalculation,
    TierRecalculationList,
    WalletAssignmentRequest,
)
from loyalty.api.tiers.structures import (
    TierStructure,
    TierStructureCreateRequest,
    TierStructureList,
    TierStructureUpdateRequest,
)
from loyalty.domain.tiers import program as domain
from loyalty.domain.tiers.program import ProgramStatus, ProgramWallet
from loyalty.http.calls import CallOf
from loyalty.http.gateway import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import (
    CursorText,
    FilteredProgramWalletId,
    IfMatch,
    Limit,
    OptionalIdempotencyKey,
    ProgramId,
    TierStructureId,
    WalletId,
    expected_version,
)
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, answer_nothing, document_answers
from loyalty.http.routing import Query
from loyalty.messaging.recalculation_queue import connected_recalculation_queue
from loyalty.usecases.programs import programs, recalculations, structures

app = APIGatewayHttpResolver()

WALLETS = (
    errors.WalletNotFound,
    errors.WalletDeleted,
    errors.WalletNotActive,
    errors.TierStructureNotFound,
    errors.TooManyWallets,
    errors.TierStructureAssigned,
    errors.TooManyTierStructures,
)


@app.post(
    "/v1/programs",
    summary="Create a program",
    description=(
        "The program is ACTIVE at once, unless `status` is DRAFT. The same request with the same `programId` or the "
        "same Idempotency-Key gets the first answer again."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(HTTPStatus.CREATED, Program, errors.KeyReused, errors.ProgramIdTaken, *WALLETS),
    tags=["Programs"],
)
def create_program(
    call: CallOf,
    body: ProgramCreateRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    created, repeated = programs.create(
        call.store,
        connected_recalculation_queue(),
        body.settings(body.name),
        body.status,
        call.now,
        call.actor,
        program_id=body.program_id,
        key=key,
        fingerprint=fingerprint("create program", body=call.sent),
    )
    location = f"/v1/programs/{created.program_id}"
    return answer_created(Program.of(created), location, etag=created.version, repeated=repeated)


@app.get(
    "/v1/programs",
    summary="List programs",
    description="The programs are in the order of their ids.",
    responses=document_answers(HTTPStatus.OK, ProgramList, errors.InvalidCursor),
    tags=["Programs"],
)
def list_programs(
    call: CallOf,
    status: Annotated[ProgramStatus | None, Query(description="Only programs with this status.")] = None,
    wallet_id: FilteredProgramWalletId = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
    after = from_cursor(cursor, str)
    page, last = programs.page_of_programs(call.store, status, wallet_id, after[0] if after else None, limit)
    return answer(ProgramList(data=[Program.of(one) for one in page], next_cursor=cursor_of([last]) if last else None))


@app.get(
    "/v1/programs/<programId>",
    summary="Read a program",
    description=(
        "The answer has the wallets of the program. `GET /v1/programs/{programId}/recalculations` shows the progress "
        "of its tiers."
    ),
    responses=document_answers(HTTPStatus.OK, Program, errors.ProgramNotFound),
    tags=["Programs"],
)
def read_program(
    call: CallOf,
    program_id: ProgramId,
) -> Response:
    return _program(programs.read(call.store, program_id))


@app.patch(
    "/v1/programs/<programId>",
    summary="Change a program",
    description=(
        "Each setting in the request is replaced completely, and null sets its default. `wallets` is the whole list of "
        "the program's wallets."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        Program,
        errors.ProgramNotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        *WALLETS,
    ),
    tags=["Programs"],
)
def change_program(
    call: CallOf,
    program_id: ProgramId,
    body: ProgramUpdateRequest,
    if_match: IfMatch = None,
) -> Response:
    version = expected_version(if_match)
    settings = body.settings(body.name or None)
    queue = connected_recalculation_queue()
    return _program(programs.change(call.store, queue, program_id, settings, version, call.now, call.actor))


@app.post(
    "/v1/programs/<programId>/activate",
    summary="Activate a program",
    description=(
        "The program's tier structure is attached to its wallet. Members have their tier when the recalculation is "
        "completed."
    ),
    responses=document_answers(HTTPStatus.OK, Program, errors.ProgramNotFound, *WALLETS),
    tags=["Programs"],
)
def activate_program(
    call: CallOf,
    program_id: ProgramId,
) -> Response:
    queue = connected_recalculation_queue()
    return _program(programs.activate(call.store, queue, program_id, call.now, call.actor))


@app.post(
    "/v1/programs/<programId>/deactivate",
    summary="Deactivate a program",
    description=(
        "The program's tier structure is detached: members have no tier in this program. An activation computes their "
        "tiers from their transactions again."
    ),
    responses=document_answers(HTTPStatus.OK, Program, errors.ProgramNotFound),
    tags=["Programs"],
)
def deactivate_program(
    call: CallOf,
    program_id: ProgramId,
) -> Response:
    queue = connected_recalculation_queue()
    return _program(programs.deactivate(call.store, queue, program_id, call.now, call.actor))


@app.put(
    "/v1/programs/<programId>/wallets/<walletId>",
    summary="Assign a wallet to a program",
    description=(
        "Adds the wallet to the program, or sets the tier structure of a wallet that the program has. The same "
        "assignment again changes nothing."
    ),
    responses=document_answers(HTTPStatus.OK, Program, errors.ProgramNotFound, *WALLETS),
    tags=["Programs"],
)
def assign_wallet(
    call: CallOf,
    program_id: ProgramId,
    wallet_id: WalletId,
    body: WalletAssignmentRequest,
) -> Response:
    wallet = ProgramWallet(wallet_id, body.tier_structure_id)
    queue = connected_recalculation_queue()
    return _program(programs.assign(call.store, queue, program_id, wallet, call.now, call.actor))


@app.delete(
    "/v1/programs/<programId>/wallets/<walletId>",
    summary="Remove a wallet from a program",
    description="The wallet, its cards and its points stay as they are; members lose the tier of this program.",
    status_code=HTTPStatus.NO_CONTENT,
    responses=document_answers(HTTPStatus.NO_CONTENT, None, errors.ProgramNotFound),
    tags=["Programs"],
)
def unassign_wallet(call: CallOf, program_id: ProgramId, wallet_id: WalletId) -> Response:
    programs.unassign(call.store, connected_recalculation_queue(), program_id, wallet_id, call.now, call.actor)
    return answer_nothing()


@app.get(
    "/v1/programs/<programId>/recalculations",
    summary="List the recalculations of a program's tiers, newest first",
    description=(
        "A recalculation begins 30 seconds after a tier structure was attached, or after a change that can give other "
        "tiers."
    ),
    responses=document_answers(HTTPStatus.OK, TierRecalculationList, errors.ProgramNotFound, errors.InvalidCursor),
    tags=["Programs"],
)
def list_recalculations(call: CallOf, program_id: ProgramId, limit: Limit = 25, cursor: CursorText = None) -> Response:
    before = from_cursor(cursor, int, str, int)
    page, last = recalculations.page_of_recalculations(call.store, program_id, before, limit)
    data = [TierRecalculation.of(run) for run in page]
    return answer(TierRecalculationList(data=data, next_cursor=cursor_of(last) if last else None))


@app.post(
    "/v1/tier-structures",
    summary="Create a tier structure",
    description="A tier structure has an effect when an ACTIVE program attaches it to a wallet.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(HTTPStatus.CREATED, TierStructure, errors.KeyReused),
    tags=["Programs"],
)
def create_tier_structure(
    call: CallOf,
    body: TierStructureCreateRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    created, repeated = structures.create(
        call.store,
        body.document(),
        call.now,
        call.actor,
        key=key,
        fingerprint=fingerprint("create tier structure", body=call.sent),
    )
    location = f"/v1/tier-structures/{created.structure_id}"
    return answer_created(TierStructure.of(created), location, etag=created.version, repeated=repeated)


@app.get(
    "/v1/tier-structures",
    summary="List tier structures",
    description="The tier structures are in the order of their ids.",
    responses=document_answers(HTTPStatus.OK, TierStructureList, errors.InvalidCursor),
    tags=["Programs"],
)
def list_tier_structures(call: CallOf, limit: Limit = 25, cursor: CursorText = None) -> Response:
    after = from_cursor(cursor, str)
    page, last = structures.page_of_structures(call.store, after[0] if after else None, limit)
    data = [TierStructure.of(one) for one in page]
    return answer(TierStructureList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.get(
    "/v1/tier-structures/<tierStructureId>",
    summary="Read a tier structure",
    description="The answer has the present settings. Customers may still have a tier that the former settings gave.",
    responses=document_answers(HTTPStatus.OK, TierStructure, errors.TierStructureNotFound),
    tags=["Programs"],
)
def read_tier_structure(
    call: CallOf,
    structure_id: TierStructureId,
) -> Response:
    found = structures.read(call.store, structure_id)
    return answer(TierStructure.of(found), etag=found.version)


@app.patch(
    "/v1/tier-structures/<tierStructureId>",
    summary="Change a tier structure",
    description=(
        "Each setting in the request is replaced completely, and null sets its default. Wallets with the structure get "
        "a new version. If the change can give other tiers, members are recalculated."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        TierStructure,
        errors.TierStructureNotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.SettingFixed,
    ),
    tags=["Programs"],
)
def change_tier_structure(
    call: CallOf,
    structure_id: TierStructureId,
    body: TierStructureUpdateRequest,
    if_match: IfMatch = None,
) -> Response:
    version = expected_version(if_match)
    queue = connected_recalculation_queue()
    changed = structures.change(call.store, queue, structure_id, body.document(), version, call.now, call.actor)
    return answer(TierStructure.of(changed), etag=changed.version)


def _program(program: domain.Program) -> Response:
    return answer(Program.of(program), etag=program.version)


lambda_handler = entry_point(app)
