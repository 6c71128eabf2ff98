"""/v1/…/verify, /balance, /explain: a card held against its whole ledger, now, as it stood, and why."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.audits import BalanceThen, ExplanationShape, Verification
from loyalty.api.fields import Moment
from loyalty.http.calls import StoreOf
from loyalty.http.parameters import CustomerId, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import balance_then, explanation, responses, verification
from loyalty.usecases import audits

app = APIGatewayHttpResolver()


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/verify",
    summary="Verify a card against its ledger",
    description=(
        "Does every transaction of the card again and compares: numbers without gaps, the chain of hashes, balances, "
        "lots, what time should have done, counters, and how each item is written. Always 200 where the card could be "
        f"judged: look at `valid`. Cards of more than {audits.ROWS_MAX:,} transactions are for `make audit`."
    ),
    responses=responses(HTTPStatus.OK, Verification, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def verify_card(wallet_id: WalletId, customer_id: CustomerId, store: StoreOf) -> Response[Any]:
    return verification(wallet_id, customer_id, audits.verify(store, wallet_id, customer_id))


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/balance",
    summary="Read a card's balance as of an instant",
    description=(
        "Now, where `at` is left out. Points that were due by then count as activated or expired by then, whenever "
        "that was recorded. An instant that lies ahead tells what time alone will do."
    ),
    responses=responses(HTTPStatus.OK, BalanceThen, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def read_balance(
    wallet_id: WalletId, customer_id: CustomerId, store: StoreOf, at: Moment | None = None
) -> Response[Any]:
    now = datetime.now(UTC)
    return balance_then(audits.balance_at(store, wallet_id, customer_id, at or now, now))


@app.get(
    "/v1/transactions/<transactionId>/explain",
    summary="Explain a transaction",
    description=(
        "The card that it found, the limits and the room they left, which lots moved in which order and why, the dates "
        "that it fixed and the settings that they follow from, in that version of the wallet."
    ),
    responses=responses(
        HTTPStatus.OK,
        ExplanationShape,
        errors.TransactionNotFound,
        errors.LedgerNotWhole,
        errors.LedgerTooLong,
    ),
    tags=["Audit"],
)
def explain_transaction(transaction_id: TransactionId, store: StoreOf) -> Response[Any]:
    return explanation(audits.explain(store, transaction_id))


lambda_handler = entry_point(app)
