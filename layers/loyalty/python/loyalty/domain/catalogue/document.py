"""Settings of rewards as a JSON document with the API's names, and back."""

from collections.abc import Mapping
from typing import Any

from loyalty.domain.catalogue.reward import EntitlementSettings, Product, RewardKind, RewardSettings, WalletPoints
from loyalty.domain.dates import Period, Unit
from loyalty.domain.earning import document
from loyalty.domain.earning.campaign import CampaignSettings

Json = dict[str, Any]
SHARED = ("name", "description", "conditions", "startsAt", "endsAt", "hours", "limits", "metadata")
"""The settings that campaigns have too, in the same form."""


def settings_json(settings: RewardSettings) -> Json:
    """Returns the settings as JSON."""
    shared = document.settings_json(
        CampaignSettings(
            name=settings.name,
            description=settings.description,
            conditions=settings.conditions,
            starts_at=settings.starts_at,
            ends_at=settings.ends_at,
            hours=settings.hours,
            customer_limits=settings.customer_limits,
            metadata=settings.metadata,
        )
    )
    return {
        **{name: shared[name] for name in SHARED},
        "kind": settings.kind,
        "price": [_points_json(one) for one in settings.price],
        "stock": settings.stock,
        "product": _product_json(settings.product) if settings.product else None,
        "entitlement": _entitlement_json(settings.entitlement) if settings.entitlement else None,
        "credit": _points_json(settings.credit) if settings.credit else None,
        "cancelable": settings.cancelable,
    }


def settings_from(given: Mapping[str, Any]) -> RewardSettings:
    """Returns the settings of a JSON document; a setting that is missing or null has its default."""
    own = {name: value for name, value in given.items() if value is not None}
    shared = document.settings_from({name: own[name] for name in SHARED if name in own})
    return RewardSettings(
        name=shared.name,
        description=shared.description,
        kind=RewardKind(own["kind"]),
        price=tuple(map(_points_from, own.get("price", []))),
        stock=own.get("stock"),
        conditions=shared.conditions,
        starts_at=shared.starts_at,
        ends_at=shared.ends_at,
        hours=shared.hours,
        customer_limits=shared.customer_limits,
        product=Product(own["product"]["productId"], own["product"].get("sku")) if "product" in own else None,
        entitlement=_entitlement_from(own["entitlement"]) if "entitlement" in own else None,
        credit=_points_from(own["credit"]) if "credit" in own else None,
        cancelable=own.get("cancelable", True),
        metadata=shared.metadata,
    )


def _points_json(part: WalletPoints) -> Json:
    return {"walletId": part.wallet_id, "points": part.points}


def _points_from(given: Json) -> WalletPoints:
    return WalletPoints(given["walletId"], given["points"])


def _product_json(product: Product) -> Json:
    return {"productId": product.product_id, "sku": product.sku}


def _entitlement_json(entitlement: EntitlementSettings) -> Json:
    period = entitlement.valid_for
    return {
        "key": entitlement.key,
        "validFor": None if period is None else {"every": period.every, "unit": period.unit},
    }


def _entitlement_from(given: Json) -> EntitlementSettings:
    period = given.get("validFor")
    return EntitlementSettings(given["key"], None if period is None else Period(period["every"], Unit(period["unit"])))
