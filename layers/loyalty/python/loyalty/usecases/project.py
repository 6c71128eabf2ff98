"""The project: its zone and currency until a wallet fixes them, the schemas of metadata, and its roles."""

from collections.abc import Mapping
from dataclasses import replace

from loyalty import config
from loyalty.domain.access import Rights, all_roles
from loyalty.domain.project import Project
from loyalty.domain.schema import schema_problems
from loyalty.errors import FieldProblem, InvalidRequest, PreconditionFailed, RightsExceeded, SettingFixed
from loyalty.retry import retry
from loyalty.store.store import Store


def current_project(store: Store) -> Project:
    """Returns the stored project, or the project of the deployment's parameters if none is stored."""
    return store.project.get(Project(config.time_zone(), config.currency()))


def change(store: Store, wanted: Project, version: int, rights: Rights) -> Project:
    """Sets zone, currency, schemas and roles to those of `wanted`, unless the project changed since the given version.

    Raises `SettingFixed` for another zone or currency once a wallet was active, and `RightsExceeded` if a role would
    get rights that are not among `rights`, those of the caller.
    """

    def attempt() -> Project:
        project = current_project(store)
        if project.version != version:
            raise PreconditionFailed(
                f"The project has version {project.version}, you read {version}. Read the project again."
            )
        _require_what_is_fixed(project, wanted)
        _require_rights(project, wanted, rights)
        changed = replace(wanted, fixed=project.fixed, version=version + 1)
        store.project.save(changed)
        return changed

    return retry(attempt, "the project")


def require_card_metadata(store: Store, metadata: Mapping[str, object] | None) -> None:
    """Raises `InvalidRequest` if a card's metadata does not fit the project's schema.

    Without metadata nothing is checked and nothing is read.
    """
    if metadata is None:
        return
    schema = current_project(store).card_schema
    if problems := schema_problems(schema, metadata, "body.metadata"):
        raise InvalidRequest("The metadata does not fit the project's schema.", errors=problems)


def _require_what_is_fixed(project: Project, wanted: Project) -> None:
    settings = {
        "timeZone": (project.time_zone, wanted.time_zone),
        "currency": (project.currency, wanted.currency),
    }
    problems = [
        FieldProblem(f"body.{name}", "fixed", f"Fixed to {is_} by the first active wallet.")
        for name, (is_, asked) in settings.items()
        if project.fixed and is_ != asked
    ]
    if problems:
        raise SettingFixed(
            "Dates and amounts are already recorded in the project's time zone and currency.", errors=problems
        )


def _require_rights(project: Project, wanted: Project, rights: Rights) -> None:
    """Checks the roles that change. A built-in role changes too if the project no longer replaces it."""
    before = all_roles(project.roles)
    for name, role in all_roles(wanted.roles).items():
        if before.get(name) != role and not rights.cover(role):
            raise RightsExceeded.of_field("body.roles", f"The role {name} would have rights that the caller lacks.")
