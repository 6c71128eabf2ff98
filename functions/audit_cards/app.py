"""/v1/…/verify, /balance, /explain: a card held against its whole ledger, now, as it stood, and why."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.audits import BalanceAsOf, Explanation, Verification
from loyalty.api.fields import Moment
from loyalty.http.calls import CallOf
from loyalty.http.parameters import CustomerId, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answer, documented
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
    responses=documented(HTTPStatus.OK, Verification, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def verify_card(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
) -> Response[Any]:
    report = audits.verify(call.store, wallet_id, customer_id)
    return answer(Verification.of(wallet_id, customer_id, report))


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/balance",
    summary="Read a card's balance as of an instant",
    description=(
        "Now, where `at` is left out. Points that were due by then count as activated or expired by then, whenever "
        "that was recorded. An instant that lies ahead tells what time alone will do."
    ),
    responses=documented(HTTPStatus.OK, BalanceAsOf, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def read_balance(call: CallOf, wallet_id: WalletId, customer_id: CustomerId, at: Moment | None = None) -> Response[Any]:
    return answer(BalanceAsOf.of(audits.balance_at(call.store, wallet_id, customer_id, at or call.now, call.now)))


@app.get(
    "/v1/transactions/<transactionId>/explain",
    summary="Explain a transaction",
    description=(
        "The card that it found, the limits and the room they left, which lots moved in which order and why, the dates "
        "that it fixed and the settings that they follow from, in that version of the wallet."
    ),
    responses=documented(
        HTTPStatus.OK,
        Explanation,
        errors.TransactionNotFound,
        errors.LedgerNotWhole,
        errors.LedgerTooLong,
    ),
    tags=["Audit"],
)
def explain_transaction(
    call: CallOf,
    transaction_id: TransactionId,
) -> Response[Any]:
    return answer(Explanation.of(audits.explain(call.store, transaction_id)))


lambda_handler = entry_point(app)
