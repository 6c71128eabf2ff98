"""Invokes functions without HTTP routes as their triggers do."""

from tests.support.stack import invoke

__all__ = ["invoke"]
