"""Commands that move points: made of calls, and answered. Apart from other calls: reads must not load the ledger."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from loyalty.api.base import Answer
from loyalty.api.points.movements import DryRun, Movement
from loyalty.domain.cards.transaction import Context
from loyalty.errors import (
    CardClosed,
    CardFrozen,
    CardNotFound,
    ClockSkew,
    FieldProblem,
    InvalidRequest,
    KeyReused,
    LoyaltyError,
    WalletDeleted,
    WalletNotActive,
    WalletNotFound,
)
from loyalty.http.calls import Call
from loyalty.http.gateway import fingerprint
from loyalty.http.responses import Response, answer
from loyalty.store.keys import key_origin
from loyalty.usecases.ledger import Command, Outcome

MOVEMENT_REFUSALS: tuple[type[LoyaltyError], ...] = (
    KeyReused,
    WalletNotFound,
    WalletDeleted,
    WalletNotActive,
    CardNotFound,
    CardFrozen,
    CardClosed,
    ClockSkew,
)
"""The refusals of every command that moves points."""


BY_HAND = frozenset({"credit", "debit", "adjustment", "reversal", "expiry_change"})
"""The commands that the caller's `adjustmentMax` limits: credits and debits of any source, which callers choose."""


def command_of(
    call: Call,
    name: str,
    wallet_id: str,
    customer_id: str,
    key: str,
    context: Context,
    *,
    dry: bool = False,
    scope: Any = None,
    without: str | None = None,
) -> Command:
    """The command of a call. A repetition is recognized by name, ids and the JSON as sent.

    `scope` is compared with them: of commands on one transaction, what tells one from the same command on another.
    `without` names a field of the JSON that another route of the same command has in its path: it is not compared.
    """
    sent = {field: value for field, value in call.sent.items() if field != without} if without else call.sent
    body = sent if scope is None else [*scope, sent]
    return Command(
        wallet_id=wallet_id,
        customer_id=customer_id,
        origin=key_origin(key),
        adjustment_max=call.caller.rights.adjustment_max if name in BY_HAND else None,
        context=replace(
            context,
            actor=call.caller.actor,
            request_id=call.caller.request_id,
            fingerprint=fingerprint(name, wallet_id, customer_id, body=body),
        ),
        dry=dry,
    )


def movement_key(key: str | None, *, dry_run: bool) -> str:
    """Returns the idempotency key of a movement. A dry run needs no key and uses no key."""
    if dry_run:
        return ""
    if key is None:
        problem = FieldProblem("header.idempotency-key", "required", "Send this header.")
        raise InvalidRequest("Not valid: header.idempotency-key.", errors=[problem])
    return key


def answer_movement(outcome: Outcome, body: Answer | None = None) -> Response:
    """201 with the transaction's Location, also for a repetition: it answers as the first time. 200 for a dry run.

    `body` is the answer where it says more than any movement's.
    """
    if outcome.dry:
        return answer(body or DryRun.of(outcome))
    return answer(
        body or Movement.of(outcome),
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{outcome.transaction.transaction_id}",
        repeated=outcome.repeated,
    )
