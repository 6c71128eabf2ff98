"""Reads a file of orders in one of its forms: CSV of order lines, or JSON Lines of orders; plain or gzip."""

import gzip
import io
import re
from pathlib import Path

from scripts.replay import order_json, order_lines
from scripts.replay.orders import OrderFile, OrdersUnreadable
from scripts.replay.sales import Refunds

SHOPIFY = re.compile(r'\s*\{\s*"orders"')
GZIP_MAGIC = b"\x1f\x8b"


def load(path: Path) -> tuple[OrderFile, Refunds]:
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC):
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise OrdersUnreadable(f"{path} cannot be read: {error}") from error
    if SHOPIFY.match(text):
        raise OrdersUnreadable(
            f"{path} is an export of Shopify: convert it with python -m scripts.replay.shopify {path}"
        )
    read = order_json.read if text.lstrip().startswith("{") else order_lines.read
    return read(io.StringIO(text, newline=""))
