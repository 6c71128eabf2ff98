"""/v1/wallets…: define wallets, and activate, deactivate, copy and delete them."""

from http import HTTPStatus
from typing import Annotated

from loyalty import errors
from loyalty.api.wallets.wallets import (
    DeactivatedWallet,
    Wallet,
    WalletCopyRequest,
    WalletCreateRequest,
    WalletList,
    WalletUpdateRequest,
    WalletVersion,
    WalletVersionList,
)
from loyalty.domain.wallets import wallet as domain
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.http.calls import CallOf
from loyalty.http.gateway import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import CursorText, IfMatch, Limit, OptionalIdempotencyKey, WalletId, expected_version
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, answer_nothing, document_answers
from loyalty.http.routing import Query
from loyalty.usecases import cards, wallets

app = APIGatewayHttpResolver()

CHANGES = (errors.WalletNotFound, errors.WalletDeleted, errors.ActionRequired)


@app.post(
    "/v1/wallets",
    summary="Create a wallet",
    description="The wallet is ACTIVE at once, unless `status` is DRAFT.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Wallet,
        errors.KeyReused,
        errors.ActionRequired,
        errors.WalletNameTaken,
    ),
    tags=["Wallets"],
)
def create_wallet(
    call: CallOf,
    body: WalletCreateRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    created, repeated = wallets.create(
        call.store,
        body.document(),
        body.status,
        call.now,
        call.actor,
        key=key,
        fingerprint=fingerprint("create wallet", body=call.sent),
        add_to_schema=body.add_to_schema,
    )
    return _answer_created(created, repeated=repeated)


@app.get(
    "/v1/wallets",
    summary="List wallets",
    description="The wallets are in the order of their ids. Deleted wallets are listed only with `status=DELETED`.",
    responses=document_answers(HTTPStatus.OK, WalletList, errors.InvalidCursor),
    tags=["Wallets"],
)
def list_wallets(
    call: CallOf,
    status: Annotated[WalletStatus | None, Query(description="Only wallets with this status.")] = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
    after = from_cursor(cursor, str)
    page, last = wallets.page_of_wallets(call.store, status, after[0] if after else None, limit)
    data = [Wallet.of(found) for found in wallets.review(call.store, *page)]
    return answer(WalletList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.get(
    "/v1/wallets/<walletId>",
    summary="Read a wallet",
    description=(
        "The answer has every setting, the unmet activation rules and the users of the wallet. A DELETED wallet can "
        "be read too."
    ),
    responses=document_answers(HTTPStatus.OK, Wallet, errors.WalletNotFound),
    tags=["Wallets"],
)
def read_wallet(
    call: CallOf,
    wallet_id: WalletId,
) -> Response:
    return _wallet(call, wallets.read(call.store, wallet_id))


@app.patch(
    "/v1/wallets/<walletId>",
    summary="Change a wallet",
    description=(
        "Each setting in the request is replaced completely, and null sets its default. Granted points keep "
        "their dates. Movements use the new settings within 15 seconds after the answer."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        Wallet,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.WalletNameTaken,
        errors.SettingFixed,
        *CHANGES,
    ),
    tags=["Wallets"],
)
def change_wallet(
    call: CallOf,
    wallet_id: WalletId,
    body: WalletUpdateRequest,
    if_match: IfMatch = None,
) -> Response:
    wallet = wallets.change(
        call.store,
        wallet_id,
        body.document(),
        expected_version(if_match),
        call.now,
        call.actor,
        add_to_schema=body.add_to_schema,
    )
    return _wallet(call, wallet)


@app.delete(
    "/v1/wallets/<walletId>",
    summary="Delete a wallet without cards",
    description=(
        "A DRAFT can be deleted, or a wallet that has been INACTIVE for 60 seconds. A deleted wallet stays "
        "readable, and its name is free again."
    ),
    status_code=HTTPStatus.NO_CONTENT,
    responses=document_answers(
        HTTPStatus.NO_CONTENT, None, errors.WalletNotFound, errors.WalletInUse, errors.PreconditionFailed
    ),
    tags=["Wallets"],
)
def delete_wallet(call: CallOf, wallet_id: WalletId, if_match: IfMatch = None) -> Response:
    version = expected_version(if_match) if if_match else None
    wallets.delete(call.store, wallet_id, version, call.now, call.actor)
    return answer_nothing()


@app.post(
    "/v1/wallets/<walletId>/activate",
    summary="Activate a wallet",
    description="The settings must meet all activation rules.",
    responses=document_answers(HTTPStatus.OK, Wallet, *CHANGES),
    tags=["Wallets"],
)
def activate_wallet(
    call: CallOf,
    wallet_id: WalletId,
) -> Response:
    return _wallet(call, wallets.activate(call.store, wallet_id, call.now, call.actor))


@app.post(
    "/v1/wallets/<walletId>/deactivate",
    summary="Deactivate a wallet",
    description=(
        "After at most 15 seconds, commands that earn or spend points are refused. Refunds, activation and "
        "expiry continue. `fallingDue` counts the points that time alone moves within 30 days."
    ),
    responses=document_answers(HTTPStatus.OK, DeactivatedWallet, *CHANGES),
    tags=["Wallets"],
)
def deactivate_wallet(
    call: CallOf,
    wallet_id: WalletId,
) -> Response:
    wallet = wallets.deactivate(call.store, wallet_id, call.now, call.actor)
    due = cards.of_wallet_falling_due(call.store, wallet_id, call.now)
    (found,) = wallets.review(call.store, wallet)
    return answer(DeactivatedWallet.of_deactivation(found, due), etag=wallet.version)


@app.post(
    "/v1/wallets/<walletId>/copy",
    summary="Copy a wallet as a draft",
    description="The copy has the settings of the wallet and a name of its own, but no cards.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(HTTPStatus.CREATED, Wallet, errors.WalletNotFound, errors.WalletNameTaken),
    tags=["Wallets"],
)
def copy_wallet(
    call: CallOf,
    wallet_id: WalletId,
    body: WalletCopyRequest,
) -> Response:
    return _answer_created(wallets.copy(call.store, wallet_id, body.name, call.now, call.actor))


@app.get(
    "/v1/wallets/<walletId>/versions",
    summary="List a wallet's versions, newest first",
    description=(
        "A version has all settings, who saved them, and the kind of `change`. Versions of a deleted wallet stay "
        "readable."
    ),
    responses=document_answers(HTTPStatus.OK, WalletVersionList, errors.WalletNotFound, errors.InvalidCursor),
    tags=["Wallets"],
)
def list_versions(call: CallOf, wallet_id: WalletId, limit: Limit = 25, cursor: CursorText = None) -> Response:
    below = from_cursor(cursor, int)
    page, last = wallets.versions(call.store, wallet_id, below[0] if below else None, limit)
    data = [WalletVersion.of(found) for found in wallets.review_as_saved(call.store, *page)]
    return answer(WalletVersionList(data=data, next_cursor=cursor_of([last]) if last else None))


def _wallet(call: CallOf, wallet: domain.Wallet) -> Response:
    (found,) = wallets.review(call.store, wallet)
    return answer(Wallet.of(found), etag=wallet.version)


def _answer_created(created: wallets.ReviewedWallet, *, repeated: bool = False) -> Response:
    wallet = created.wallet
    location = f"/v1/wallets/{wallet.wallet_id}"
    return answer_created(Wallet.of(created), location, etag=wallet.version, repeated=repeated)


lambda_handler = entry_point(app)
