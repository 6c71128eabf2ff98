"""The project: its zone and currency until a wallet fixes them, and the schemas that metadata is checked against."""

from collections.abc import Mapping
from dataclasses import replace

from loyalty import config
from loyalty.domain.project import Project
from loyalty.domain.schema import schema_problems
from loyalty.errors import FieldProblem, InvalidRequest, PreconditionFailed, SettingFixed
from loyalty.retry import retry
from loyalty.store.store import Store


def current_project(store: Store) -> Project:
    """Returns the stored project, or the project of the deployment's parameters if none is stored."""
    return store.project.get(Project(config.time_zone(), config.currency()))


def change(store: Store, wanted: Project, version: int) -> Project:
    """Sets zone, currency and schemas to those of `wanted`, unless the project changed since the given version.

    Raises `SettingFixed` for another zone or currency once a wallet was active.
    """

    def attempt() -> Project:
        project = current_project(store)
        if project.version != version:
            raise PreconditionFailed(
                f"The project has version {project.version}, you read {version}. Read the project again."
            )
        _require_what_is_fixed(project, wanted)
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
