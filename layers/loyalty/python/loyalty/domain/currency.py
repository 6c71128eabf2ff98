"""Currencies: how many decimals their minor unit has, by ISO 4217 (list one, column "minor unit")."""

DEFAULT_EXPONENT = 2
EXPONENTS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
            *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""The currencies whose exponent is not 2."""


def exponent_of(currency: str) -> int:
    """Returns the exponent of the currency's minor unit: 2 for USD, as 1 dollar is 10^2 cents."""
    return EXPONENTS.get(currency, DEFAULT_EXPONENT)
