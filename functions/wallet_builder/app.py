"""/v1/wallets/validate, …/import, …/preview, /v1/wallet-settings/schema: requests of a wallet builder."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.wallets import voucherify
from loyalty.api.wallets.builder_schema import SettingsSchema
from loyalty.api.wallets.preview import ChangePreview, WalletImport, WalletImportRequest, WalletValidation
from loyalty.api.wallets.wallets import WalletCreateRequest, WalletUpdateRequest
from loyalty.domain.dates import instant
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.http.calls import CallOf
from loyalty.http.gateway import fingerprint
from loyalty.http.parameters import DryRun, ImportFormat, ImportStatus, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, document_answers
from loyalty.usecases import wallet_preview

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/validate",
    summary="Validate wallet settings",
    description=(
        "Lists the activation rules that the settings do not meet, and the forecast of points earned now. "
        "Takes the body of POST /v1/wallets; the rules are the same for each `status`. Writes nothing."
    ),
    responses=document_answers(HTTPStatus.OK, WalletValidation),
    tags=["Wallets"],
)
def validate_wallet(
    call: CallOf,
    body: WalletCreateRequest,
) -> Response:
    found = wallet_preview.validate(call.store, body.document(), add_to_schema=body.add_to_schema)
    return answer(WalletValidation.of(found, instant(call.now)))


@app.get(
    "/v1/wallet-settings/schema",
    summary="Read the wallet settings schema",
    description=(
        "The answer has steps, fields, values, maximum values, defaults and activation rules: enough to show a form."
    ),
    responses=document_answers(HTTPStatus.OK, SettingsSchema),
    tags=["Wallets"],
)
def read_settings_schema() -> Response:
    return answer(SettingsSchema.current())


@app.post(
    "/v1/wallets/import",
    summary="Import a wallet from another system's definition",
    description="Reports each field as mapped or unmapped. A dry run answers 200 and creates no wallet.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        WalletImport,
        errors.KeyReused,
        errors.ActionRequired,
        errors.WalletNameTaken,
        dry_run=WalletImport,
    ),
    tags=["Wallets"],
)
def import_wallet(
    call: CallOf,
    body: WalletImportRequest,
    format_: ImportFormat,
    status: ImportStatus = WalletStatus.DRAFT,
    dry_run: DryRun = False,
    key: OptionalIdempotencyKey = None,
) -> Response:
    mapping = voucherify.mapping_of(call.sent)
    found = wallet_preview.import_wallet(
        call.store,
        mapping.document,
        status,
        call.now,
        call.actor,
        key=key,
        fingerprint=fingerprint("import wallet", format_, status, body=call.sent),
        dry=dry_run,
    )
    report = WalletImport.of(mapping, found)
    if found.wallet is None:
        return answer(report)
    wallet = found.wallet.wallet
    return answer_created(report, f"/v1/wallets/{wallet.wallet_id}", etag=wallet.version, repeated=found.repeated)


@app.post(
    "/v1/wallets/<walletId>/preview",
    summary="Preview a wallet change",
    description=(
        "Shows the forecast of points earned now, before and after the change, and the effects on points "
        "already granted. Writes nothing."
    ),
    responses=document_answers(HTTPStatus.OK, ChangePreview, errors.WalletNotFound, errors.WalletDeleted),
    tags=["Wallets"],
)
def preview_change(
    call: CallOf,
    wallet_id: WalletId,
    body: WalletUpdateRequest,
) -> Response:
    change = wallet_preview.preview(call.store, wallet_id, body.document(), add_to_schema=body.add_to_schema)
    return answer(ChangePreview.of(change, instant(call.now)))


lambda_handler = entry_point(app)
