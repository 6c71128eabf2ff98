"""/v1/…/verify, /balance, /explain: verify a card, read its balance at an instant, explain a transaction."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.audits import BalanceAsOf, Explanation, Verification
from loyalty.api.fields import Moment
from loyalty.http.calls import CallOf
from loyalty.http.parameters import CustomerId, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answer, document_answers
from loyalty.usecases import audits

app = APIGatewayHttpResolver()


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/verify",
    summary="Verify a card against its ledger",
    description=(
        "Rebuilds the card from its transactions and compares the gapless numbers, the hash chain, balances, lots, "
        "settlements, counters and the stored form of each item. The answer is 200 if the card can be compared; check "
        f"`valid`. For cards with more than {audits.ROWS_MAX:,} transactions, use `make audit`."
    ),
    responses=document_answers(HTTPStatus.OK, Verification, errors.CardNotFound, errors.LedgerTooLong),
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
    summary="Read a card's balance at an instant",
    description=(
        "The default of `at` is now. Points that were due by the instant count as activated or expired, even if this "
        "was recorded later. For a future instant, the balance includes only the changes by time."
    ),
    responses=document_answers(HTTPStatus.OK, BalanceAsOf, errors.CardNotFound, errors.LedgerTooLong),
    tags=["Audit"],
)
def read_balance(call: CallOf, wallet_id: WalletId, customer_id: CustomerId, at: Moment | None = None) -> Response[Any]:
    return answer(BalanceAsOf.of(audits.balance_at(call.store, wallet_id, customer_id, at or call.now, call.now)))


@app.get(
    "/v1/transactions/<transactionId>/explain",
    summary="Explain a transaction",
    description=(
        "Shows the card before the transaction, the limits and their room, and the lots that moved, with order and "
        "reason. Shows the dates that the transaction fixed, and the settings of the wallet version that decided them."
    ),
    responses=document_answers(
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
