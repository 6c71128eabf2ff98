"""/v1/wallets…: define wallets, and move them between draft, active, inactive and deleted."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.wallets.wallets import (
    DeactivatedWalletShape,
    NewWallet,
    WalletCopy,
    WalletList,
    WalletPatch,
    WalletShape,
    WalletVersionList,
    WalletVersionShape,
    maker,
)
from loyalty.domain.wallets.activation_rules import Known
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import CursorText, IfMatch, Limit, OptionalIdempotencyKey, WalletId, expected_version
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answered, responses
from loyalty.store.store import Store
from loyalty.usecases import cards, wallets
from loyalty.usecases.project import deployed

app = APIGatewayHttpResolver()

CHANGES = (errors.WalletNotFound, errors.WalletDeleted, errors.ActionRequired, errors.Busy)


@app.post(
    "/v1/wallets",
    summary="Create a wallet",
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        WalletShape,
        errors.KeyReused,
        errors.ActionRequired,
        errors.WalletNameTaken,
        errors.Busy,
    ),
    tags=["Wallets"],
)
def create_wallet(
    body: NewWallet,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    wallet, repeated = wallets.create(
        store,
        body.document(),
        WalletStatus(body.status),
        datetime.now(UTC),
        maker(caller.actor),
        key=key,
        fingerprint=fingerprint("create wallet", body=sent),
        add_to_schema=body.add_to_schema,
    )
    location = f"/v1/wallets/{wallet.wallet_id}"
    shape = _shape(store, wallet)
    return answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version, replayed=repeated)


@app.get(
    "/v1/wallets",
    summary="List wallets",
    description="In order of their ids. Deleted wallets are listed with status=DELETED only.",
    responses=responses(HTTPStatus.OK, WalletList, errors.InvalidCursor),
    tags=["Wallets"],
)
def list_wallets(
    store: StoreOf,
    status: Literal["DRAFT", "ACTIVE", "INACTIVE", "DELETED"] | None = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response[Any]:
    after = from_cursor(cursor, str)
    page, last = wallets.listed(store, WalletStatus(status) if status else None, after[0] if after else None, limit)
    known = _known(store, *page)
    shapes = [WalletShape.of(_as_of_now(store, wallet), known) for wallet in page]
    return answered(WalletList(data=shapes, next_cursor=cursor_of([last]) if last else None))


@app.get(
    "/v1/wallets/<walletId>",
    summary="Read a wallet",
    responses=responses(HTTPStatus.OK, WalletShape, errors.WalletNotFound),
    tags=["Wallets"],
)
def read_wallet(wallet_id: WalletId, store: StoreOf) -> Response[Any]:
    wallet = wallets.read(store, wallet_id)
    return answered(_shape(store, wallet), etag=wallet.version)


@app.patch(
    "/v1/wallets/<walletId>",
    summary="Change a wallet",
    description="Each setting that is sent is replaced whole; null gives its default. Granted points keep their dates.",
    responses=responses(
        HTTPStatus.OK,
        WalletShape,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.WalletNameTaken,
        errors.SettingFixed,
        *CHANGES,
    ),
    tags=["Wallets"],
)
def change_wallet(
    wallet_id: WalletId,
    body: WalletPatch,
    caller: CallerOf,
    store: StoreOf,
    if_match: IfMatch = None,
) -> Response[Any]:
    version = expected_version(if_match)
    wallet = wallets.change(
        store,
        wallet_id,
        body.document(),
        version,
        datetime.now(UTC),
        maker(caller.actor),
        add_to_schema=body.add_to_schema,
    )
    return answered(_shape(store, wallet), etag=wallet.version)


@app.delete(
    "/v1/wallets/<walletId>",
    summary="Delete a wallet without cards",
    status_code=HTTPStatus.NO_CONTENT,
    responses=responses(
        HTTPStatus.NO_CONTENT, None, errors.WalletNotFound, errors.WalletInUse, errors.PreconditionFailed, errors.Busy
    ),
    tags=["Wallets"],
)
def delete_wallet(wallet_id: WalletId, caller: CallerOf, store: StoreOf, if_match: IfMatch = None) -> Response[Any]:
    version = expected_version(if_match) if if_match else None
    wallets.delete(store, wallet_id, version, datetime.now(UTC), maker(caller.actor))
    return Response(HTTPStatus.NO_CONTENT)


@app.post(
    "/v1/wallets/<walletId>/activate",
    summary="Activate a wallet",
    responses=responses(HTTPStatus.OK, WalletShape, *CHANGES),
    tags=["Wallets"],
)
def activate_wallet(wallet_id: WalletId, caller: CallerOf, store: StoreOf) -> Response[Any]:
    wallet = wallets.activate(store, wallet_id, datetime.now(UTC), maker(caller.actor))
    return answered(_shape(store, wallet), etag=wallet.version)


@app.post(
    "/v1/wallets/<walletId>/deactivate",
    summary="Deactivate a wallet",
    description="Movements are refused at most 15 seconds later; refunds, activation and expiry go on. "
    "`fallingDue` tells which points time alone moves within 30 days.",
    responses=responses(HTTPStatus.OK, DeactivatedWalletShape, *CHANGES),
    tags=["Wallets"],
)
def deactivate_wallet(wallet_id: WalletId, caller: CallerOf, store: StoreOf) -> Response[Any]:
    at = datetime.now(UTC)
    wallet = wallets.deactivate(store, wallet_id, at, maker(caller.actor))
    due = cards.of_wallet_falling_due(store, wallet_id, at)
    shape = DeactivatedWalletShape.after(wallet, _known(store, wallet), due)
    return answered(shape, etag=wallet.version)


@app.post(
    "/v1/wallets/<walletId>/copy",
    summary="Copy a wallet as a draft",
    status_code=HTTPStatus.CREATED,
    responses=responses(HTTPStatus.CREATED, WalletShape, errors.WalletNotFound, errors.WalletNameTaken, errors.Busy),
    tags=["Wallets"],
)
def copy_wallet(wallet_id: WalletId, body: WalletCopy, caller: CallerOf, store: StoreOf) -> Response[Any]:
    wallet = wallets.copy(store, wallet_id, body.name, datetime.now(UTC), maker(caller.actor))
    shape = _shape(store, wallet)
    location = f"/v1/wallets/{wallet.wallet_id}"
    return answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version)


@app.get(
    "/v1/wallets/<walletId>/versions",
    summary="List a wallet's versions, newest first",
    responses=responses(HTTPStatus.OK, WalletVersionList, errors.WalletNotFound, errors.InvalidCursor),
    tags=["Wallets"],
)
def list_versions(wallet_id: WalletId, store: StoreOf, limit: Limit = 25, cursor: CursorText = None) -> Response[Any]:
    below = from_cursor(cursor, int)
    versions = store.wallets.versions(
        wallet_id, below[0] if below else wallets.read(store, wallet_id).version + 1, limit
    )
    known = _known(store, *versions)
    more = versions[-1].version > 1 if versions else False
    return answered(
        WalletVersionList(
            data=[WalletVersionShape.of(wallet, known) for wallet in versions],
            next_cursor=cursor_of([versions[-1].version]) if more else None,
        )
    )


def _shape(store: Store, wallet: Wallet) -> WalletShape:
    return WalletShape.of(_as_of_now(store, wallet), _known(store, wallet))


def _known(store: Store, *shown: Wallet) -> Known:
    return wallets.known(store, store.project.get(deployed()), *(wallet.settings for wallet in shown))


def _as_of_now(store: Store, wallet: Wallet) -> Wallet:
    """A draft may name an expression that was made since it was saved."""
    return replace(wallet, settings=wallets.with_expressions(store, wallet.settings))


lambda_handler = entry_point(app)
