"""Invokes functions without HTTP routes as their triggers do."""

from importlib import import_module
from typing import Any

from tests.support.stack import CONTEXT


def invoke(folder: str, event: dict[str, Any]) -> Any:
    return import_module(f"functions.{folder}.app").lambda_handler(event, CONTEXT)
