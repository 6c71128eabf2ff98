"""The time zone and the currency of the project: parameters of the template, until a wallet fixes them."""

import re
from collections.abc import Mapping
from typing import Any

from scripts.local_stack import environments
from scripts.local_stack.console import StackError, run

FIELDS = {"TimeZone": "timeZone", "Currency": "currency"}
"""The parameters of the template, and the fields of `GET /v1/project`."""
ZONE_CHECK = "import sys; from loyalty.domain.zones import zone_names; print(sys.argv[1] in zone_names())"


def require_valid(parameters: Mapping[str, str]) -> None:
    """Raises `StackError` for a zone or currency that the product would refuse. Needs the environment `dev`."""
    currency, zone = parameters.get("Currency"), parameters.get("TimeZone")
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise StackError(f"{currency!r} is not a currency: use a code of ISO 4217 such as EUR.")
    if zone is not None and not _is_zone(zone):
        raise StackError(f"{zone!r} is not a time zone: use a name of the IANA database such as Europe/Paris.")


def _is_zone(name: str) -> bool:
    # Only this environment has the zone data of the product.
    answer = run([environments.DEV.python, "-c", ZONE_CHECK, name], env=environments.plain_env())
    return answer.strip() == "True"


def require_same(project: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
    """Raises `StackError` if the project is stored with another zone or currency: parameters no longer change it."""
    wanted = {field: parameters[name] for name, field in FIELDS.items() if name in parameters}
    if not project["version"] or all(project[field] == value for field, value in wanted.items()):
        return
    has = f"time zone {project['timeZone']} and currency {project['currency']}"
    if project["fixed"]:
        raise StackError(
            f"The project has {has}, fixed by its first active wallet.\n"
            "Others need an empty stack: make stop, then make run ZONE=... CURRENCY=..."
        )
    raise StackError(f"The project has {has}, stored by PUT /v1/project. Use this request to change them.")
