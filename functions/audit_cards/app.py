"""/v1/…/verify, /balance, /explain: verify a card, read its balance at an instant, explain a transaction."""

from http import HTTPStatus
from typing import Annotated

from loyalty import errors
from loyalty.api.audits import BalanceAsOf, Explanation, Verification
from loyalty.api.fields import Moment
from loyalty.http.calls import CallOf
from loyalty.http.parameters import CustomerId, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.http.routing import Query
from loyalty.usecases import audits

app = APIGatewayHttpResolver()


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/verify",
    summary="Verify a card against its ledger",
    description=(
        "Rebuilds the card from its transactions and compares numbers, hash chain, balances, lots, "
        "settlements, counters and the stored form of each item. Compares points of campaigns with the receipts of "
        "events, the rules of the campaigns and the counts of their limits. The answer is 200 if the card can be "
        "compared: check `valid`. For more than 10,000 transactions or receipts, use `make audit`."
    ),
    responses=document_answers(
        HTTPStatus.OK, Verification, errors.WalletNotFound, errors.CardNotFound, errors.LedgerTooLong
    ),
    tags=["Audit"],
)
def verify_card(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
) -> Response:
    report = audits.verify(call.store, wallet_id, customer_id)
    return answer(Verification.of(wallet_id, customer_id, report))


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/balance",
    summary="Read a card's balance at an instant",
    description=(
        "Points that were due by the instant count as activated or expired, even if this was recorded later. "
        "For a future instant, the balance includes only changes by time."
    ),
    responses=document_answers(
        HTTPStatus.OK, BalanceAsOf, errors.WalletNotFound, errors.CardNotFound, errors.LedgerTooLong
    ),
    tags=["Audit"],
)
def read_balance(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    at: Annotated[Moment | None, Query(description="The instant of the balance; the default is now.")] = None,
) -> Response:
    return answer(BalanceAsOf.of(audits.balance_at(call.store, wallet_id, customer_id, at or call.now, call.now)))


@app.get(
    "/v1/transactions/<transactionId>/explain",
    summary="Explain a transaction",
    description=(
        "Shows the card before the transaction, the limits with their room, the lots that moved and why, and "
        "the dates that the transaction fixed. The answer includes the settings of the wallet's version that "
        "applied."
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
) -> Response:
    return answer(Explanation.of(audits.explain(call.store, transaction_id)))


lambda_handler = entry_point(app)
