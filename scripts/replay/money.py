"""Money in minor units of its currency, exactly."""

from decimal import Decimal

WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
WITH_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
"""By ISO 4217; the other currencies have two decimals."""


def decimals(currency: str) -> int:
    if currency in WITHOUT_DECIMALS.split():
        return 0
    return 3 if currency in WITH_THREE_DECIMALS.split() else 2


def unit(currency: str) -> int:
    """Returns the number of minor units in one unit of the currency: 100 for GBP, 1 for JPY."""
    return int(10 ** decimals(currency))


def minor_units(amount: Decimal, currency: str) -> int:
    """Returns the amount in minor units. Raises ValueError if the amount is no number, or has smaller parts."""
    exact = amount * unit(currency)
    if not exact.is_finite() or exact != int(exact):
        raise ValueError(f"{amount} {currency} is no whole number of minor units")
    return int(exact)


def shown(amount: int, currency: str) -> str:
    places = decimals(currency)
    return f"{Decimal(amount).scaleb(-places):,.{places}f} {currency}"
