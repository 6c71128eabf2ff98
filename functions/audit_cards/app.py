"""/v1/…/verify, /balance, /explain: a card held against its whole ledger, now, as it stood, and why."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from loyalty import api, audit_shapes, audits, errors

app = api.APIGatewayHttpResolver()

TransactionId = Annotated[str, Path(alias="transactionId", pattern=api.TRANSACTION_ID)]


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/verify",
    summary="Verify a card against its ledger",
    description=(
        "Does every transaction of the card again and compares: numbers without gaps, the chain of hashes, balances, "
        "lots, what time should have done, counters, and how each item is written. Always 200 where the card could be "
        f"judged: look at `valid`. Cards of more than {audits.ROWS_MAX:,} transactions are for `make audit`."
    ),
    responses=api.responses(HTTPStatus.OK, audit_shapes.Verification, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def verify_card(wallet_id: api.WalletId, customer_id: api.CustomerId, store: api.StoreOf) -> Response[Any]:
    return audit_shapes.verification(wallet_id, customer_id, audits.verify(store, wallet_id, customer_id))


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/balance",
    summary="Read a card's balance as of an instant",
    description=(
        "Now, where `at` is left out. Points that were due by then count as activated or expired by then, whenever "
        "that was recorded. An instant that lies ahead tells what time alone will do."
    ),
    responses=api.responses(HTTPStatus.OK, audit_shapes.BalanceThen, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def read_balance(
    wallet_id: api.WalletId, customer_id: api.CustomerId, store: api.StoreOf, at: api.Moment | None = None
) -> Response[Any]:
    now = datetime.now(UTC)
    return audit_shapes.balance_then(audits.balance_at(store, wallet_id, customer_id, at or now, now))


@app.get(
    "/v1/transactions/<transactionId>/explain",
    summary="Explain a transaction",
    description=(
        "The card that it found, the limits and the room they left, which lots moved in which order and why, the dates "
        "that it fixed and the settings that they follow from, in that version of the wallet."
    ),
    responses=api.responses(
        HTTPStatus.OK,
        audit_shapes.ExplanationShape,
        errors.TransactionNotFound,
        errors.LedgerNotWhole,
        errors.LedgerTooLong,
    ),
    tags=["Audit"],
)
def explain_transaction(transaction_id: TransactionId, store: api.StoreOf) -> Response[Any]:
    return audit_shapes.explanation(audits.explain(store, transaction_id))


lambda_handler = api.entry_point(app)
