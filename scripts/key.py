"""API keys of a deployed stack: `create`, `list`, `revoke`. A new key is shown once; only its SHA-256 is stored."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import boto3

from loyalty.domain import access
from loyalty.domain.dates import datetime_of
from loyalty.errors import LoyaltyError
from loyalty.store.store import Store, connected_store
from loyalty.usecases import api_keys


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make key", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key; the last line printed is the key")
    create.add_argument("--name", required=True, help="who or what will use it")
    grants = create.add_mutually_exclusive_group(required=True)
    grants.add_argument("--scopes", help=f"comma-separated, or *; known: {', '.join(sorted(access.SCOPES))}")
    grants.add_argument("--role", help=f"built in: {', '.join(access.BUILT_IN_ROLES)}; the project may have others")
    commands.add_parser("list", help="list all keys, revoked keys too")
    revoke = commands.add_parser(
        "revoke", help="revoke a key; it is refused within a minute, when cached permissions end"
    )
    which = revoke.add_mutually_exclusive_group(required=True)
    which.add_argument("--id", dest="key_id")
    which.add_argument(
        "--revoked-in", dest="other", metavar="TABLE", help="every key that is revoked in this table: after a restore"
    )
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Runs the command; exit code 0, or 1 if the request is not valid."""
    wanted = arguments(words)
    if "LOYALTY_TABLE" not in os.environ:
        print(
            "Set LOYALTY_TABLE to the stack's TableName output (make key does, for the local stack).", file=sys.stderr
        )
        return 1

    store, now = connected_store(), datetime.now(UTC)
    try:
        if wanted.command == "create":
            _create(store, wanted.name, wanted.role, wanted.scopes, now)
        elif wanted.command == "list":
            _list(store)
        elif wanted.other:
            _revoke_as(Store(boto3.client("dynamodb"), wanted.other), store, now)
        else:
            _revoke(store, wanted.key_id, now)
    except LoyaltyError as error:
        print(error.detail, file=sys.stderr)
        return 1
    return 0


def _create(store: Store, name: str, role: str | None, scopes: str | None, now: datetime) -> None:
    new = api_keys.NewKey(name=name, role=role, scopes=frozenset(scopes.split(",") if scopes else ()))
    created = api_keys.create(store, new, access.Rights(frozenset({access.ALL})), now)
    entry, may = created.entry, ", ".join(sorted(created.rights.scopes))
    print(f"{entry.key_id} ({entry.name}) may {may}. The key, shown only once:")
    print(created.secret)


def _list(store: Store) -> None:
    for entry in sorted(store.api_keys.all(), key=lambda entry: entry.created_at):
        state = f"revoked {datetime_of(entry.revoked_at):%Y-%m-%d}" if entry.revoked_at else "valid"
        rights = f"role {entry.role}" if entry.role else ", ".join(sorted(entry.scopes))
        print(f"{entry.key_id}  {datetime_of(entry.created_at):%Y-%m-%d}  {state:18}  {entry.name}: {rights}")


def _revoke_as(other: Store, store: Store, now: datetime) -> None:
    """Revokes the keys that are revoked in the other table, and lists the valid keys that are missing here."""
    known = {entry.key_id: entry for entry in store.api_keys.all()}
    for entry in other.api_keys.all():
        own = known.get(entry.key_id)
        if own is None and not entry.revoked_at:
            print(f"{entry.key_id} ({entry.name}) does not exist any more: make another key.")
        elif own and entry.revoked_at and not own.revoked_at:
            _revoke(store, entry.key_id, now)


def _revoke(store: Store, key_id: str, now: datetime) -> None:
    api_keys.revoke(store, key_id, now)
    print(f"{key_id} is revoked.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
