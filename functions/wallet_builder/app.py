"""/v1/wallets/validate, …/import, …/preview, /v1/wallet-settings/schema: what a wallet builder asks for."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response

from loyalty import api, errors, voucherify, wallet_builder, wallets
from loyalty import builder_form as builder
from loyalty import wallet_form as form
from loyalty.domain.dates import instant
from loyalty.domain.wallet import WalletStatus
from loyalty.project_form import deployed
from loyalty.settings_schema import SettingsSchema
from loyalty.store import settings_from

app = api.APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/validate",
    summary="See what a wallet of these settings would need and do",
    description="`examples` tells in dates what would become of 100 points earned now. Writes nothing.",
    responses=api.responses(HTTPStatus.OK, builder.Validation),
    tags=["Wallets"],
)
def validate_wallet(body: form.NewWallet, store: api.StoreOf) -> Response[Any]:
    project = store.project.get(deployed())
    settings = wallets.with_expressions(store, settings_from(body.document()))
    known = wallets.known(store, project, settings)
    at = instant(datetime.now(UTC))
    return api.answered(builder.Validation.of(settings, known, at, ZoneInfo(project.time_zone)))


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
    store: api.StoreOf,
    format_: builder.ImportFormat,
    status: builder.ImportStatus = "DRAFT",
    dry_run: builder.DryRun = False,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    conversion = voucherify.converted(sent)
    settings = wallets.with_expressions(store, settings_from(conversion.document))
    known = wallets.known(store, store.project.get(deployed()), settings)
    if dry_run:
        wallets.require_free_name(store, settings.name)
        return api.answered(builder.WalletImport.of(conversion, settings, None, known))
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
    shape = builder.WalletImport.of(conversion, settings, wallet, known)
    return api.answered(shape, status=HTTPStatus.CREATED, location=location, etag=wallet.version, replayed=repeated)


@app.post(
    "/v1/wallets/<walletId>/preview",
    summary="See what a change of a wallet would mean",
    description="For 100 points earned now, before and after, and for points already granted. Writes nothing.",
    responses=api.responses(HTTPStatus.OK, builder.ChangePreview, errors.WalletNotFound, errors.WalletDeleted),
    tags=["Wallets"],
)
def preview_change(wallet_id: api.WalletId, body: form.WalletPatch, store: api.StoreOf) -> Response[Any]:
    change = wallet_builder.preview(store, wallet_id, body.document(), deployed())
    return api.answered(builder.ChangePreview.of(change, instant(datetime.now(UTC))))


lambda_handler = api.entry_point(app)
