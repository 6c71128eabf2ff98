"""The code that a function can reach: read from the source by name, from its handler through the product's modules.

The search does not follow values, so it may find a call that never happens at run time. It misses code that is reached
by other ways than by name.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from loyalty.store.store import Store
from tests.support.sources import tree
from tests.support.template import ROOT

SOURCES = ROOT / "layers" / "loyalty" / "python"

Definition = tuple[str, ...]
"""The module and name of a function, class or constant; for a method of a store, the module, class and name."""


def _module(file: Path) -> str:
    parts = file.relative_to(SOURCES if file.is_relative_to(SOURCES) else ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {
    _module(file): tree(file) for folder in (SOURCES / "loyalty", ROOT / "functions") for file in folder.rglob("*.py")
}
NODES: dict[Definition, ast.AST] = {}
IMPORTED: dict[tuple[str, str], tuple[str, str]] = {}
for _name, _tree in MODULES.items():
    for _node in _tree.body:
        match _node:
            case ast.FunctionDef() | ast.ClassDef():
                NODES[_name, _node.name] = _node
            case ast.Assign(targets=[ast.Name(id=_constant)]) | ast.AnnAssign(target=ast.Name(id=_constant)):
                NODES[_name, _constant] = _node
            case ast.ImportFrom(module=str(_source)):
                for _alias in _node.names:
                    IMPORTED[_name, _alias.asname or _alias.name] = (_source, _alias.name)
# Every handler gets the same Store. The attribute in `store.cards.card(…)` is the store that the code uses.
_STORE = Store(cast("Any", None), "")
_PARTS = {name: getattr(_STORE, name) for name in dir(_STORE) if not name.startswith("_")}
STORES: dict[str, Definition] = {
    attribute: (type(store).__module__, type(store).__name__) for attribute, store in _PARTS.items()
}
CLASSES: set[Definition] = set()
for _attribute, _made in _PARTS.items():
    # An inherited method counts as the store's own, because its class decides which keys the method uses.
    for _base in reversed(type(_made).__mro__):
        CLASSES.add((_base.__module__, _base.__name__))
        for _member in getattr(NODES.get((_base.__module__, _base.__name__)), "body", []):
            match _member:
                case ast.FunctionDef(name=_method):
                    NODES[*STORES[_attribute], _method] = _member
                case ast.Assign(targets=[ast.Name(id=_constant)]):
                    NODES[*STORES[_attribute], _constant] = _member


def _found(module: str, name: str) -> Definition | str | None:
    """The definition or the module of the product that the name means in the module."""
    while (module, name) not in NODES:
        if f"{module}.{name}" in MODULES:
            return f"{module}.{name}"
        if (module, name) not in IMPORTED:
            return None
        module, name = IMPORTED[module, name]
    return module, name


@cache
def _used(definition: Definition) -> frozenset[Definition]:
    """The definitions that the definition uses. A store as an argument counts with all its public methods."""
    return frozenset(name for name in _named(definition) if isinstance(name, tuple) and name in NODES)


def _named(definition: Definition) -> Iterator[Definition | str | None]:
    nodes = list(ast.walk(NODES[definition]))
    called = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="store"), attr=name) if name in STORES and id(node) not in called:
                yield from (known for known in NODES if known[:2] == STORES[name] and known[-1][0].islower())
            case ast.Name(id=name):
                yield _found(definition[0], name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield (*definition[:2], name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                module = _found(definition[0], name)
                yield _found(module, attribute) if isinstance(module, str) else None
            case ast.Attribute(value=ast.Attribute(attr=name), attr=attribute) if name in STORES:
                yield (*STORES[name], attribute)


@cache
def reached(folder: str) -> frozenset[Definition]:
    """All definitions that the function's module reaches."""
    new = [definition for definition in NODES if definition[0] == f"functions.{folder}.app"]
    assert new, f"no code of {folder}"
    known: set[Definition] = set()
    while new:
        definition = new.pop()
        # The class of a store is used wherever a store is an argument. Only its called methods count.
        if definition not in known and definition not in CLASSES:
            known.add(definition)
            new += _used(definition)
    return frozenset(known)


def calls(folder: str) -> set[str]:
    """Calls of an object's attributes, such as `_table.get`; a query has its index, such as `_table.query/due`."""
    return {call for definition in reached(folder) for call in _calls(definition)}


@cache
def _calls(definition: Definition) -> frozenset[str]:
    found = set()
    for node in ast.walk(NODES[definition]):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=of), attr=name)):
                index = [word.value for word in node.keywords if word.arg == "index"]
                found.add("/".join([f"{of}.{name}", *(str(ast.literal_eval(value)) for value in index)]))
    return frozenset(found)


def names(folder: str, module: str) -> set[str]:
    """The module's definitions that the function reaches."""
    return {definition[1] for definition in reached(folder) if definition[0] == module}


def variables(folder: str) -> set[str]:
    """The environment variables that the function's code reads."""
    return {variable for definition in reached(folder) for variable in _variables(definition)}


@cache
def _variables(definition: Definition) -> frozenset[str]:
    found = set()
    for node in ast.walk(NODES[definition]):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=name)):
                found.add(str(name))
    return frozenset(found)
