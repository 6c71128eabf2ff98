"""Routes and the scope that each requires."""

from collections.abc import Iterable

from loyalty.domain.access import ALL, Scope

ROUTE_SCOPES = {
    "GET /v1/project": Scope.WALLETS_READ,
    "PUT /v1/project": Scope.PROJECT_ADMIN,
    "POST /v1/wallets": Scope.WALLETS_WRITE,
    "GET /v1/wallets": Scope.WALLETS_READ,
    "POST /v1/wallets/validate": Scope.WALLETS_READ,
    "POST /v1/wallets/import": Scope.WALLETS_WRITE,
    "GET /v1/wallet-settings/schema": Scope.WALLETS_READ,
    "POST /v1/wallets/{walletId}/preview": Scope.WALLETS_READ,
    "GET /v1/wallets/{walletId}": Scope.WALLETS_READ,
    "PATCH /v1/wallets/{walletId}": Scope.WALLETS_WRITE,
    "DELETE /v1/wallets/{walletId}": Scope.WALLETS_WRITE,
    "POST /v1/wallets/{walletId}/activate": Scope.WALLETS_WRITE,
    "POST /v1/wallets/{walletId}/deactivate": Scope.WALLETS_WRITE,
    "POST /v1/wallets/{walletId}/copy": Scope.WALLETS_WRITE,
    "GET /v1/wallets/{walletId}/versions": Scope.WALLETS_READ,
    "POST /v1/wallets/{walletId}/cards": Scope.CARDS_WRITE,
    "GET /v1/wallets/{walletId}/cards": Scope.CARDS_READ,
    "GET /v1/wallets/{walletId}/cards/{customerId}": Scope.CARDS_READ,
    "PATCH /v1/wallets/{walletId}/cards/{customerId}": Scope.CARDS_WRITE,
    "GET /v1/cards/{code}": Scope.CARDS_READ,
    "GET /v1/customers/{customerId}/cards": Scope.CARDS_READ,
    "GET /v1/wallets/{walletId}/cards/{customerId}/transactions": Scope.POINTS_READ,
    "GET /v1/wallets/{walletId}/cards/{customerId}/transactions/by-key": Scope.POINTS_READ,
    "GET /v1/transactions/{transactionId}": Scope.POINTS_READ,
    "GET /v1/transactions/{transactionId}/explain": Scope.POINTS_READ,
    "GET /v1/wallets/{walletId}/cards/{customerId}/verify": Scope.POINTS_READ,
    "GET /v1/wallets/{walletId}/cards/{customerId}/balance": Scope.POINTS_READ,
    "POST /v1/wallets/{walletId}/cards/{customerId}/credits": Scope.POINTS_CREDIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/debits": Scope.POINTS_DEBIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/payments": Scope.POINTS_DEBIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds": Scope.POINTS_DEBIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/capture": Scope.POINTS_DEBIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/release": Scope.POINTS_DEBIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/transfers": Scope.POINTS_TRANSFER,
    "POST /v1/wallets/{walletId}/cards/{customerId}/refunds": Scope.POINTS_REFUND,
    "GET /v1/customers/{customerId}/orders": Scope.POINTS_READ,
    "GET /v1/customers/{customerId}/orders/{orderId}": Scope.POINTS_READ,
    "POST /v1/customers/{customerId}/refunds": Scope.POINTS_REFUND,
    "POST /v1/customers/{customerId}/orders/{orderId}/refunds": Scope.POINTS_REFUND,
    "POST /v1/wallets/{walletId}/cards/{customerId}/pending/activate": Scope.POINTS_CREDIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/pending/cancel": Scope.POINTS_CREDIT,
    "POST /v1/wallets/{walletId}/cards/{customerId}/adjustments": Scope.POINTS_ADJUST,
    "POST /v1/wallets/{walletId}/cards/{customerId}/expiry-changes": Scope.POINTS_ADJUST,
    "POST /v1/transactions/{transactionId}/reversal": Scope.POINTS_ADJUST,
    "POST /v1/customers/{customerId}/erasure": Scope.PROJECT_ADMIN,
    "POST /v1/events": Scope.EVENTS_WRITE,
    "POST /v1/events/batch": Scope.EVENTS_WRITE,
    "GET /v1/event-definitions": Scope.WALLETS_READ,
    "GET /v1/event-definitions/{name}": Scope.WALLETS_READ,
    "PUT /v1/event-definitions/{name}": Scope.WALLETS_WRITE,
    "GET /v1/formulas/functions": Scope.WALLETS_READ,
    "POST /v1/formulas/evaluate": Scope.WALLETS_READ,
    "GET /v1/expressions": Scope.WALLETS_READ,
    "GET /v1/expressions/{name}": Scope.WALLETS_READ,
    "PUT /v1/expressions/{name}": Scope.WALLETS_WRITE,
}
"""Scopes by API Gateway's route key. A route without a scope is refused for every key."""


def may(scopes: Iterable[str], route_key: str) -> bool:
    wanted = ROUTE_SCOPES.get(route_key)
    held = frozenset(scopes)
    return wanted is not None and (wanted in held or ALL in held)
