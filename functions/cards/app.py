"""/v1/…/cards…: enrol customers, read their cards, change status and metadata."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.cards import Card, CardList, CardUpdateRequest, EnrolmentRequest
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.profile import Profile
from loyalty.http.calls import CallOf
from loyalty.http.pagination import cursor_of, foreign_cursor, from_cursor
from loyalty.http.parameters import (
    CardCode,
    CursorText,
    CustomerId,
    CustomerPrefix,
    IfMatch,
    Limit,
    WalletId,
    expected_version,
)
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, document_answers, document_success
from loyalty.usecases import cards

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards",
    summary="Enrol a customer",
    description=(
        "Creates the card with its code. If the customer already has a card, the answer is 200 with this card."
    ),
    status_code=HTTPStatus.CREATED,
    responses={
        **document_answers(
            HTTPStatus.CREATED,
            Card,
            errors.WalletNotFound,
            errors.WalletDeleted,
            errors.WalletNotActive,
            errors.CodeTaken,
            errors.CardDiffers,
        ),
        HTTPStatus.OK: document_success(HTTPStatus.OK, Card, "The customer's existing card"),
    },
    tags=["Cards"],
)
def enrol_customer(
    call: CallOf,
    wallet_id: WalletId,
    body: EnrolmentRequest,
) -> Response:
    card, profile, is_new = cards.enrol(
        call.store, wallet_id, body.customer_id, call.now, code=body.code, metadata=body.metadata
    )
    if is_new:
        location = f"/v1/wallets/{wallet_id}/cards/{body.customer_id}"
        return answer_created(Card.of(card, profile), location, etag=card.revision)
    return _card(card, profile)


@app.get(
    "/v1/wallets/<walletId>/cards",
    summary="List a wallet's cards",
    description=(
        "The cards have no defined order. With `prefix`, they are in the order of the customer ids. A card enrolled in "
        "the last second may be missing."
    ),
    responses=document_answers(HTTPStatus.OK, CardList, errors.WalletNotFound, errors.InvalidCursor),
    tags=["Cards"],
)
def list_cards(
    call: CallOf,
    wallet_id: WalletId,
    prefix: CustomerPrefix = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
    if prefix is not None:
        after = from_cursor(cursor, str)
        if after and not after[0].startswith(prefix):
            raise foreign_cursor()
        by_prefix, next_after = cards.of_wallet_by_prefix(
            call.store, wallet_id, prefix, after[0] if after else None, limit, call.now
        )
        return _card_list(by_prefix, cursor_of([next_after]) if next_after else None)
    position = from_cursor(cursor, int, str)
    start = (int(position[0]), str(position[1])) if position else None
    page, last = cards.of_wallet(call.store, wallet_id, start, limit, call.now)
    return _card_list(page, cursor_of(list(last)) if last else None)


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>",
    summary="Read a card",
    description="The answer includes everything that is due by now.",
    responses=document_answers(HTTPStatus.OK, Card, errors.WalletNotFound, errors.CardNotFound),
    tags=["Cards"],
)
def read_card(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
) -> Response:
    return _card(*cards.read(call.store, wallet_id, customer_id, call.now))


@app.patch(
    "/v1/wallets/<walletId>/cards/<customerId>",
    summary="Change a card's status or metadata",
    description=(
        "Fields that are left out keep their values. `If-Match` must have the ETag that you read. A CLOSED card stays "
        "CLOSED."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        Card,
        errors.WalletNotFound,
        errors.CardNotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.CardClosureFinal,
    ),
    tags=["Cards"],
)
def change_card(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: CardUpdateRequest,
    if_match: IfMatch = None,
) -> Response:
    revision = expected_version(if_match)
    return _card(*cards.change(call.store, wallet_id, customer_id, body.patch, revision, call.now))


@app.get(
    "/v1/cards/<code>",
    summary="Find a card by its code",
    description=(
        "Codes are unique in all wallets, and upper and lower case differ. The answer is that of the card's own route."
    ),
    responses=document_answers(HTTPStatus.OK, Card, errors.CodeNotFound),
    tags=["Cards"],
)
def read_card_by_code(
    call: CallOf,
    code: CardCode,
) -> Response:
    return _card(*cards.by_code(call.store, code, call.now))


@app.get(
    "/v1/customers/<customerId>/cards",
    summary="List a customer's cards in all wallets",
    description="The list is complete on one page. It is empty for a customer without cards.",
    responses=document_answers(HTTPStatus.OK, CardList),
    tags=["Cards"],
)
def list_cards_of_customer(
    call: CallOf,
    customer_id: CustomerId,
) -> Response:
    return _card_list(cards.of_customer(call.store, customer_id, call.now), None)


def _card(card: domain.Card, profile: Profile) -> Response:
    return answer(Card.of(card, profile), etag=card.revision)


def _card_list(found: list[tuple[domain.Card, Profile]], next_cursor: str | None) -> Response:
    return answer(CardList(data=[Card.of(*one) for one in found], next_cursor=next_cursor))


lambda_handler = entry_point(app)
