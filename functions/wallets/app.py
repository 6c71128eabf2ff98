"""/v1/wallets…: define wallets, and move them between draft, active, inactive and deleted."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends, Response

from loyalty import api, errors, voucherify, wallet_builder, wallets
from loyalty import builder_form as builder
from loyalty import wallet_form as form
from loyalty.domain.dates import instant
from loyalty.domain.wallet import Wallet, WalletStatus
from loyalty.settings_schema import SettingsSchema
from loyalty.store import Store, connected, settings_from

app = APIGatewayHttpResolver(enable_validation=True, response_validation_error_http_code=500)
app.include_router(api.problems)

StoreOf = Annotated[Store, Depends(connected)]
CHANGES = (errors.WalletNotFound, errors.WalletDeleted, errors.ActionRequired, errors.Busy)


@app.post(
    "/v1/wallets",
    summary="Create a wallet",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        form.WalletShape,
        errors.KeyReused,
        errors.ActionRequired,
        errors.WalletNameTaken,
        errors.Busy,
    ),
    tags=["Wallets"],
)
def create_wallet(
    body: form.NewWallet,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    wallet, repeated = wallets.create(
        store,
        body.document(),
        WalletStatus(body.status),
        datetime.now(UTC),
        form.maker(caller.actor),
        key=key,
        fingerprint=api.fingerprint("create wallet", body=sent),
    )
    location = f"/v1/wallets/{wallet.wallet_id}"
    shape = _shape(store, wallet)
    return api.answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version, replayed=repeated)


@app.get(
    "/v1/wallets",
    summary="List wallets",
    description="In order of their ids. Deleted wallets are listed with status=DELETED only.",
    responses=api.responses(HTTPStatus.OK, form.WalletList, errors.InvalidCursor),
    tags=["Wallets"],
)
def list_wallets(
    store: StoreOf,
    status: Literal["DRAFT", "ACTIVE", "INACTIVE", "DELETED"] | None = None,
    limit: api.Limit = 25,
    cursor: api.CursorText = None,
) -> Response[Any]:
    after = api.from_cursor(cursor, str)
    page, last = wallets.listed(store, WalletStatus(status) if status else None, after[0] if after else None, limit)
    known = wallets.known_events(store, *(wallet.settings for wallet in page))
    shapes = [form.WalletShape.of(wallet, known) for wallet in page]
    return api.answered(form.WalletList(data=shapes, next_cursor=api.cursor([last]) if last else None))


@app.post(
    "/v1/wallets/validate",
    summary="See what a wallet of these settings would need and do",
    description="`examples` tells in dates what would become of 100 points earned now. Writes nothing.",
    responses=api.responses(HTTPStatus.OK, builder.Validation),
    tags=["Wallets"],
)
def validate_wallet(body: form.NewWallet, caller: api.CallerOf, store: StoreOf) -> Response[Any]:
    zone = ZoneInfo(wallet_builder.time_zone(store, form.maker(caller.actor).default))
    settings = settings_from(body.document())
    known = wallets.known_events(store, settings)
    return api.answered(builder.Validation.of(settings, known, instant(datetime.now(UTC)), zone))


@app.get(
    "/v1/wallet-settings/schema",
    summary="Read what a wallet may say",
    description="Steps, fields, values, caps, defaults and interlocks: enough to draw a form.",
    responses=api.responses(HTTPStatus.OK, SettingsSchema),
    tags=["Wallets"],
)
def read_settings_schema() -> Response[Any]:
    return api.answered(SettingsSchema.current())


@app.post(
    "/v1/wallets/import",
    summary="Make a wallet of another system's definition",
    description="Tells field by field what was mapped and what could not be. 200 in a dry run, which creates nothing.",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        builder.WalletImport,
        errors.KeyReused,
        errors.ActionRequired,
        errors.WalletNameTaken,
        errors.Busy,
    ),
    tags=["Wallets"],
)
def import_wallet(
    body: builder.VoucherifyDefinition,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
    format_: builder.ImportFormat,
    status: builder.ImportStatus = "DRAFT",
    dry_run: builder.DryRun = False,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    conversion = voucherify.converted(sent)
    known = wallets.known_events(store, settings_from(conversion.document))
    if dry_run:
        return api.answered(builder.WalletImport.of(conversion, None, known))
    wallet, repeated = wallets.create(
        store,
        conversion.document,
        WalletStatus(status),
        datetime.now(UTC),
        form.maker(caller.actor),
        key=key,
        fingerprint=api.fingerprint("import wallet", format_, status, body=sent),
    )
    location = f"/v1/wallets/{wallet.wallet_id}"
    shape = builder.WalletImport.of(conversion, wallet, known)
    return api.answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version, replayed=repeated)


@app.get(
    "/v1/wallets/<walletId>",
    summary="Read a wallet",
    responses=api.responses(HTTPStatus.OK, form.WalletShape, errors.WalletNotFound),
    tags=["Wallets"],
)
def read_wallet(wallet_id: api.WalletId, store: StoreOf) -> Response[Any]:
    wallet = wallets.read(store, wallet_id)
    return api.answered(_shape(store, wallet), etag=wallet.version)


@app.patch(
    "/v1/wallets/<walletId>",
    summary="Change a wallet",
    description="Each setting that is sent is replaced whole; null gives its default. Granted points keep their dates.",
    responses=api.responses(
        HTTPStatus.OK,
        form.WalletShape,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.WalletNameTaken,
        errors.SettingFixed,
        *CHANGES,
    ),
    tags=["Wallets"],
)
def change_wallet(
    wallet_id: api.WalletId,
    body: form.WalletPatch,
    caller: api.CallerOf,
    store: StoreOf,
    if_match: api.IfMatch = None,
) -> Response[Any]:
    version = api.expected_version(if_match)
    wallet = wallets.change(store, wallet_id, body.document(), version, datetime.now(UTC), form.maker(caller.actor))
    return api.answered(_shape(store, wallet), etag=wallet.version)


@app.delete(
    "/v1/wallets/<walletId>",
    summary="Delete a wallet without cards",
    status_code=HTTPStatus.NO_CONTENT,
    responses=api.responses(
        HTTPStatus.NO_CONTENT, None, errors.WalletNotFound, errors.WalletInUse, errors.PreconditionFailed
    ),
    tags=["Wallets"],
)
def delete_wallet(
    wallet_id: api.WalletId, caller: api.CallerOf, store: StoreOf, if_match: api.IfMatch = None
) -> Response[Any]:
    version = api.expected_version(if_match) if if_match else None
    wallets.delete(store, wallet_id, version, datetime.now(UTC), form.maker(caller.actor))
    return Response(HTTPStatus.NO_CONTENT)


@app.post(
    "/v1/wallets/<walletId>/preview",
    summary="See what a change of a wallet would mean",
    description="For 100 points earned now, before and after, and for points already granted. Writes nothing.",
    responses=api.responses(HTTPStatus.OK, builder.ChangePreview, errors.WalletNotFound, errors.WalletDeleted),
    tags=["Wallets"],
)
def preview_change(
    wallet_id: api.WalletId, body: form.WalletPatch, caller: api.CallerOf, store: StoreOf
) -> Response[Any]:
    change = wallet_builder.preview(store, wallet_id, body.document(), form.maker(caller.actor).default)
    return api.answered(builder.ChangePreview.of(change, instant(datetime.now(UTC))))


@app.post(
    "/v1/wallets/<walletId>/activate",
    summary="Activate a wallet",
    responses=api.responses(HTTPStatus.OK, form.WalletShape, *CHANGES),
    tags=["Wallets"],
)
def activate_wallet(wallet_id: api.WalletId, caller: api.CallerOf, store: StoreOf) -> Response[Any]:
    wallet = wallets.activate(store, wallet_id, datetime.now(UTC), form.maker(caller.actor))
    return api.answered(_shape(store, wallet), etag=wallet.version)


@app.post(
    "/v1/wallets/<walletId>/deactivate",
    summary="Deactivate a wallet",
    description="Movements are refused at most 15 seconds later; refunds, activation and expiry go on.",
    responses=api.responses(HTTPStatus.OK, form.WalletShape, *CHANGES),
    tags=["Wallets"],
)
def deactivate_wallet(wallet_id: api.WalletId, caller: api.CallerOf, store: StoreOf) -> Response[Any]:
    wallet = wallets.deactivate(store, wallet_id, datetime.now(UTC), form.maker(caller.actor))
    return api.answered(_shape(store, wallet), etag=wallet.version)


@app.post(
    "/v1/wallets/<walletId>/copy",
    summary="Copy a wallet as a draft",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED, form.WalletShape, errors.WalletNotFound, errors.WalletNameTaken, errors.Busy
    ),
    tags=["Wallets"],
)
def copy_wallet(wallet_id: api.WalletId, body: form.WalletCopy, caller: api.CallerOf, store: StoreOf) -> Response[Any]:
    wallet = wallets.copy(store, wallet_id, body.name, datetime.now(UTC), form.maker(caller.actor))
    shape = _shape(store, wallet)
    location = f"/v1/wallets/{wallet.wallet_id}"
    return api.answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version)


@app.get(
    "/v1/wallets/<walletId>/versions",
    summary="List a wallet's versions, newest first",
    responses=api.responses(HTTPStatus.OK, form.WalletVersionList, errors.WalletNotFound, errors.InvalidCursor),
    tags=["Wallets"],
)
def list_versions(
    wallet_id: api.WalletId, store: StoreOf, limit: api.Limit = 25, cursor: api.CursorText = None
) -> Response[Any]:
    below = api.from_cursor(cursor, int)
    versions = store.wallets.versions(
        wallet_id, below[0] if below else wallets.read(store, wallet_id).version + 1, limit
    )
    known = wallets.known_events(store, *(wallet.settings for wallet in versions))
    more = versions[-1].version > 1 if versions else False
    return api.answered(
        form.WalletVersionList(
            data=[form.WalletVersionShape.of(wallet, known) for wallet in versions],
            next_cursor=api.cursor([versions[-1].version]) if more else None,
        )
    )


def _shape(store: Store, wallet: Wallet) -> form.WalletShape:
    return form.WalletShape.of(wallet, wallets.known_events(store, wallet.settings))


lambda_handler = api.entry_point(app)
