"""/v1/wallets/validate, …/import, …/preview, /v1/wallet-settings/schema: what a wallet builder asks for."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.wallets.builder_schema import SettingsSchema
from loyalty.api.wallets.preview import ChangePreview, Validation, VoucherifyDefinition, WalletImport
from loyalty.api.wallets.voucherify import converted
from loyalty.api.wallets.wallets import NewWallet, WalletPatch, maker
from loyalty.domain.dates import instant
from loyalty.domain.wallets.document import settings_from
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import fingerprint
from loyalty.http.parameters import DryRun, ImportFormat, ImportStatus, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answered, responses
from loyalty.usecases import wallet_preview, wallets
from loyalty.usecases.project import deployed

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/validate",
    summary="See what a wallet of these settings would need and do",
    description="`examples` tells in dates what would become of 100 points earned now. Writes nothing.",
    responses=responses(HTTPStatus.OK, Validation),
    tags=["Wallets"],
)
def validate_wallet(body: NewWallet, store: StoreOf) -> Response[Any]:
    project = store.project.get(deployed())
    settings = wallets.with_expressions(store, settings_from(body.document()))
    known = wallets.known(store, project, settings)
    at = instant(datetime.now(UTC))
    return answered(Validation.of(settings, known, at, ZoneInfo(project.time_zone)))


@app.get(
    "/v1/wallet-settings/schema",
    summary="Read what a wallet may say",
    description="Steps, fields, values, caps, defaults and interlocks: enough to draw a form.",
    responses=responses(HTTPStatus.OK, SettingsSchema),
    tags=["Wallets"],
)
def read_settings_schema() -> Response[Any]:
    return answered(SettingsSchema.current())


@app.post(
    "/v1/wallets/import",
    summary="Make a wallet of another system's definition",
    description="Tells field by field what was mapped and what could not be. 200 in a dry run, which creates nothing.",
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        WalletImport,
        errors.KeyReused,
        errors.ActionRequired,
        errors.WalletNameTaken,
        errors.Busy,
    ),
    tags=["Wallets"],
)
def import_wallet(
    body: VoucherifyDefinition,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    format_: ImportFormat,
    status: ImportStatus = "DRAFT",
    dry_run: DryRun = False,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    conversion = converted(sent)
    settings = wallets.with_expressions(store, settings_from(conversion.document))
    known = wallets.known(store, store.project.get(deployed()), settings)
    if dry_run:
        wallets.require_free_name(store, settings.name)
        return answered(WalletImport.of(conversion, settings, None, known))
    wallet, repeated = wallets.create(
        store,
        conversion.document,
        WalletStatus(status),
        datetime.now(UTC),
        maker(caller.actor),
        key=key,
        fingerprint=fingerprint("import wallet", format_, status, body=sent),
    )
    location = f"/v1/wallets/{wallet.wallet_id}"
    shape = WalletImport.of(conversion, settings, wallet, known)
    return answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version, replayed=repeated)


@app.post(
    "/v1/wallets/<walletId>/preview",
    summary="See what a change of a wallet would mean",
    description="For 100 points earned now, before and after, and for points already granted. Writes nothing.",
    responses=responses(HTTPStatus.OK, ChangePreview, errors.WalletNotFound, errors.WalletDeleted),
    tags=["Wallets"],
)
def preview_change(wallet_id: WalletId, body: WalletPatch, store: StoreOf) -> Response[Any]:
    change = wallet_preview.preview(store, wallet_id, body.document(), deployed())
    return answered(ChangePreview.of(change, instant(datetime.now(UTC))))


lambda_handler = entry_point(app)
