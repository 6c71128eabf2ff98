"""/v1/…/cards…: enrol customers, read their cards, change status and metadata."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.cards import CardList, CardPatch, CardShape, Enrolment
from loyalty.api.fields import metadata_text
from loyalty.http.calls import StoreOf
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import CardCode, CursorText, CustomerId, IfMatch, Limit, WalletId, expected_version
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import card_answer, card_list_answer, responses
from loyalty.usecases import cards, project
from loyalty.usecases.project import deployed

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards",
    summary="Enrol a customer",
    description="200 with the card that the customer already has, where there is one.",
    status_code=HTTPStatus.CREATED,
    responses={
        **responses(
            HTTPStatus.CREATED,
            CardShape,
            errors.WalletNotFound,
            errors.WalletDeleted,
            errors.WalletNotActive,
            errors.CodeTaken,
            errors.Busy,
        ),
        HTTPStatus.OK: {
            "description": "The card that was there",
            "content": {"application/json": {"model": CardShape}},
        },
    },
    tags=["Cards"],
)
def enrol_customer(wallet_id: WalletId, body: Enrolment, store: StoreOf) -> Response[Any]:
    at = datetime.now(UTC)
    project.check_card_metadata(store, body.metadata, deployed())
    metadata = metadata_text(body.metadata)
    card, profile, new = cards.enrol(store, wallet_id, body.customer_id, at, code=body.code, metadata=metadata)
    if not new:
        return card_answer(*cards.read(store, wallet_id, body.customer_id, at))
    return card_answer(card, profile, status=HTTPStatus.CREATED)


@app.get(
    "/v1/wallets/<walletId>/cards",
    summary="List a wallet's cards",
    description="In no order that means anything; a card enrolled this instant may be missing.",
    responses=responses(HTTPStatus.OK, CardList, errors.WalletNotFound, errors.InvalidCursor),
    tags=["Cards"],
)
def list_cards(wallet_id: WalletId, store: StoreOf, limit: Limit = 25, cursor: CursorText = None) -> Response[Any]:
    position = from_cursor(cursor, int, str)
    start = (int(position[0]), str(position[1])) if position else None
    page, last = cards.of_wallet(store, wallet_id, start, limit, datetime.now(UTC))
    return card_list_answer(page, cursor_of(list(last)) if last else None)


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>",
    summary="Read a card as it stands now",
    responses=responses(HTTPStatus.OK, CardShape, errors.CardNotFound),
    tags=["Cards"],
)
def read_card(wallet_id: WalletId, customer_id: CustomerId, store: StoreOf) -> Response[Any]:
    return card_answer(*cards.read(store, wallet_id, customer_id, datetime.now(UTC)))


@app.patch(
    "/v1/wallets/<walletId>/cards/<customerId>",
    summary="Change a card's status or metadata",
    responses=responses(
        HTTPStatus.OK,
        CardShape,
        errors.CardNotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.Busy,
    ),
    tags=["Cards"],
)
def change_card(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: CardPatch,
    store: StoreOf,
    if_match: IfMatch = None,
) -> Response[Any]:
    revision = expected_version(if_match)
    project.check_card_metadata(store, body.metadata, deployed())
    return card_answer(*cards.change(store, wallet_id, customer_id, body.changes(), revision, datetime.now(UTC)))


@app.get(
    "/v1/cards/<code>",
    summary="Find a card by its code",
    responses=responses(HTTPStatus.OK, CardShape, errors.CodeNotFound),
    tags=["Cards"],
)
def read_card_by_code(code: CardCode, store: StoreOf) -> Response[Any]:
    return card_answer(*cards.by_code(store, code, datetime.now(UTC)))


@app.get(
    "/v1/customers/<customerId>/cards",
    summary="List a customer's cards in all wallets",
    responses=responses(HTTPStatus.OK, CardList),
    tags=["Cards"],
)
def list_cards_of_customer(customer_id: CustomerId, store: StoreOf) -> Response[Any]:
    return card_list_answer(cards.of_customer(store, customer_id, datetime.now(UTC)), None)


lambda_handler = entry_point(app)
