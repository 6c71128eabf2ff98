"""The project: its calendar, its currency, the schemas of metadata, and its roles."""

import json
from collections.abc import Mapping
from typing import Any

from loyalty.domain.access import Rights
from loyalty.domain.project import Project
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, number, string
from loyalty.store.schemas import schema_from, schema_json
from loyalty.store.table import Table, WriteAction, put


class ProjectStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, default: Project) -> Project:
        """Returns the stored project, or else `default`, the project of the deployment."""
        item = self._table.get(keys.PROJECT, keys.PROJECT)
        return _from(item) if item else default

    def roles(self) -> Mapping[str, Rights]:
        """Returns the project's own roles by name."""
        item = self._table.get(keys.PROJECT, keys.PROJECT)
        return _from(item).roles if item else {}

    def save(self, project: Project) -> None:
        """Saves the project's next version.

        Raises `TransactionCanceled` with the label `project` if another write came first.
        """
        self._table.transact([project_write(project)])


def project_write(project: Project) -> WriteAction:
    """Returns the write of the project's next version, which fails if another write came first."""
    schemas = {"wallet": schema_json(project.wallet_schema), "card": schema_json(project.card_schema)}
    item: Item = {
        "pk": string(keys.PROJECT),
        "sk": string(keys.PROJECT),
        "s": string(ITEM_FORM),
        "v": number(project.version),
        "tz": string(project.time_zone),
        "cur": string(project.currency),
        "fx": {"BOOL": project.fixed},
        "sch": string(json.dumps(schemas, ensure_ascii=False)),
        "ro": string(json.dumps(_roles_json(project.roles))),
    }
    before = project.version - 1
    if before == 0:
        return put("project", item)
    # A first version may have no number: see `_from`.
    condition = "v = :v OR attribute_not_exists(v)" if before == 1 else "v = :v"
    return put("project", item, condition, {":v": number(before)})


def _from(item: Item) -> Project:
    if "v" not in item:
        # Written by a first active wallet, when a project had only the settings that this wallet fixed.
        return Project(item["tz"]["S"], item["cur"]["S"], fixed=True, version=1)
    schemas = json.loads(item["sch"]["S"])
    return Project(
        time_zone=item["tz"]["S"],
        currency=item["cur"]["S"],
        fixed=item["fx"]["BOOL"],
        wallet_schema=schema_from(schemas["wallet"]),
        card_schema=schema_from(schemas["card"]),
        roles=_roles_from(json.loads(item["ro"]["S"])),
        version=int(item["v"]["N"]),
    )


def _roles_json(roles: Mapping[str, Rights]) -> list[Any]:
    return [[name, sorted(rights.scopes), rights.adjustment_max] for name, rights in roles.items()]


def _roles_from(values: list[Any]) -> dict[str, Rights]:
    return {name: Rights(frozenset(scopes), adjustment_max) for name, scopes, adjustment_max in values}
