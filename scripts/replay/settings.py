"""The address of the stack: from the environment, then from the file that the local stack writes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class NotConfigured(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Settings:
    api_url: str
    api_key: str = field(repr=False)
    bus: str


def read_env_file(text: str) -> dict[str, str]:
    """Reads KEY=VALUE lines as a shell reads the simple ones: with comments, `export` and quotes."""
    values = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values


def with_stack_env(environment: Mapping[str, str], path: Path) -> dict[str, str]:
    """Merges the file's variables with the real ones, which win; the file may be absent if the real ones suffice."""
    stack = read_env_file(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return stack | dict(environment)


def settings_from(environment: Mapping[str, str], path: Path) -> Settings:
    for name in ("LOYALTY_API_URL", "LOYALTY_API_KEY"):
        if not environment.get(name):
            raise NotConfigured(f"{name} is neither in the environment nor in {path}. To start the stack: make run")
    return Settings(
        api_url=environment["LOYALTY_API_URL"].rstrip("/"),
        api_key=environment["LOYALTY_API_KEY"],
        bus=environment.get("LOYALTY_BUS", ""),
    )


def load(path: Path) -> Settings:
    """Loads the settings. The stack's endpoint, region and credentials are set in the environment, for boto3."""
    environment = with_stack_env(os.environ, path)
    settings = settings_from(environment, path)
    os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
    return settings
