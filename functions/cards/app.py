"""/v1/…/cards…: enrol customers, read their cards, change status and metadata."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from loyalty import api, bodies, card_shapes, cards, errors, ledger, project
from loyalty.project_form import deployed

app = api.APIGatewayHttpResolver()

CardCode = Annotated[str, Path(alias="code", pattern=bodies.CARD_CODE)]


class Enrolment(api.Body):
    """A customer, and a code of the caller's own where one is wanted."""

    customer_id: Annotated[str, Field(pattern=api.CUSTOMER_ID)]
    code: Annotated[str, Field(pattern=bodies.CARD_CODE)] | None = None
    metadata: bodies.Metadata | None = None


class CardPatch(api.Body):
    """BLOCKED may earn but not spend; FROZEN only activates and expires; CLOSED ends the card."""

    status: Literal["ACTIVE", "BLOCKED", "FROZEN", "CLOSED"] = "ACTIVE"
    metadata: bodies.Metadata | None = None

    def changes(self) -> dict[str, Any]:
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {**sent, **({"metadata": api.metadata_text(self.metadata)} if "metadata" in sent else {})}


@app.post(
    "/v1/wallets/<walletId>/cards",
    summary="Enrol a customer",
    description="200 with the card that the customer already has, where there is one.",
    status_code=HTTPStatus.CREATED,
    responses={
        **api.responses(
            HTTPStatus.CREATED,
            card_shapes.CardShape,
            errors.WalletNotFound,
            errors.WalletDeleted,
            errors.WalletNotActive,
            errors.CodeTaken,
            errors.Busy,
        ),
        HTTPStatus.OK: {
            "description": "The card that was there",
            "content": {"application/json": {"model": card_shapes.CardShape}},
        },
    },
    tags=["Cards"],
)
def enrol_customer(wallet_id: api.WalletId, body: Enrolment, store: api.StoreOf) -> Response[Any]:
    at = datetime.now(UTC)
    project.check_card_metadata(store, body.metadata, deployed())
    metadata = api.metadata_text(body.metadata)
    card, profile, new = ledger.enrol(store, wallet_id, body.customer_id, at, code=body.code, metadata=metadata)
    if not new:
        return card_shapes.card(*cards.read(store, wallet_id, body.customer_id, at))
    return card_shapes.card(card, profile, status=HTTPStatus.CREATED)


@app.get(
    "/v1/wallets/<walletId>/cards",
    summary="List a wallet's cards",
    description="In no order that means anything; a card enrolled this instant may be missing.",
    responses=api.responses(HTTPStatus.OK, card_shapes.CardList, errors.WalletNotFound, errors.InvalidCursor),
    tags=["Cards"],
)
def list_cards(
    wallet_id: api.WalletId, store: api.StoreOf, limit: api.Limit = 25, cursor: api.CursorText = None
) -> Response[Any]:
    position = api.from_cursor(cursor, int, str)
    start = (int(position[0]), str(position[1])) if position else None
    page, last = cards.of_wallet(store, wallet_id, start, limit, datetime.now(UTC))
    return card_shapes.card_list(page, api.cursor(list(last)) if last else None)


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>",
    summary="Read a card as it stands now",
    responses=api.responses(HTTPStatus.OK, card_shapes.CardShape, errors.CardNotFound),
    tags=["Cards"],
)
def read_card(wallet_id: api.WalletId, customer_id: api.CustomerId, store: api.StoreOf) -> Response[Any]:
    return card_shapes.card(*cards.read(store, wallet_id, customer_id, datetime.now(UTC)))


@app.patch(
    "/v1/wallets/<walletId>/cards/<customerId>",
    summary="Change a card's status or metadata",
    responses=api.responses(
        HTTPStatus.OK,
        card_shapes.CardShape,
        errors.CardNotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.Busy,
    ),
    tags=["Cards"],
)
def change_card(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: CardPatch,
    store: api.StoreOf,
    if_match: api.IfMatch = None,
) -> Response[Any]:
    revision = api.expected_version(if_match)
    project.check_card_metadata(store, body.metadata, deployed())
    return card_shapes.card(*cards.change(store, wallet_id, customer_id, body.changes(), revision, datetime.now(UTC)))


@app.get(
    "/v1/cards/<code>",
    summary="Find a card by its code",
    responses=api.responses(HTTPStatus.OK, card_shapes.CardShape, errors.CodeNotFound),
    tags=["Cards"],
)
def read_card_by_code(code: CardCode, store: api.StoreOf) -> Response[Any]:
    return card_shapes.card(*cards.by_code(store, code, datetime.now(UTC)))


@app.get(
    "/v1/customers/<customerId>/cards",
    summary="List a customer's cards in all wallets",
    responses=api.responses(HTTPStatus.OK, card_shapes.CardList),
    tags=["Cards"],
)
def list_cards_of_customer(customer_id: api.CustomerId, store: api.StoreOf) -> Response[Any]:
    return card_shapes.card_list(cards.of_customer(store, customer_id, datetime.now(UTC)), None)


lambda_handler = api.entry_point(app)
