"""PNG files with a palette, which are a fraction of a browser's screenshots."""

import struct
import zlib
from collections import Counter

COLORS_MAX = 256
SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, PALETTE = 2, 3


def with_palette(png: bytes) -> bytes:
    """Returns the RGB image with its 256 most frequent colors; other pixels get the nearest of them."""
    width, height, pixels = _pixels(png)
    counts = Counter(pixels)
    palette = [color for color, _ in counts.most_common(COLORS_MAX)]
    places = {color: place for place, color in enumerate(palette)}
    for color in counts.keys() - places.keys():
        places[color] = min(range(len(palette)), key=lambda place: _distance(palette[place], color))
    indexes = bytes(places[color] for color in pixels)
    rows = b"".join(b"\0" + indexes[start : start + width] for start in range(0, len(indexes), width))
    header = struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)
    chunks = (b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Returns width, height and the colors of all pixels of an RGB image."""
    at, compressed, header = len(SIGNATURE), b"", b""
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        compressed += data if kind == b"IDAT" else b""
        header = data if kind == b"IHDR" else header
        at += size + 12
    width, height, depth, color_type = struct.unpack(">IIBB", header[:10])
    if (depth, color_type) != (8, RGB):
        raise ValueError(f"The image has depth {depth} and color type {color_type}.")
    raw, size = zlib.decompress(compressed), 3 * width
    above, pixels = bytes(size), []
    for start in range(0, len(raw), size + 1):
        row = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + size]), above)
        pixels += [bytes(row[left : left + 3]) for left in range(0, size, 3)]
        above = bytes(row)
    return width, height, pixels


def _unfiltered(kind: int, row: bytearray, above: bytes) -> bytearray:
    """Reverses the filter of a row (PNG specification, section 9)."""
    for place in range(len(row)) if kind else ():
        left, upper_left = (row[place - 3], above[place - 3]) if place >= 3 else (0, 0)
        up = above[place]
        predicted = (0, left, up, (left + up) // 2, _paeth(left, up, upper_left))[kind]
        row[place] = (row[place] + predicted) & 255
    return row


def _paeth(left: int, up: int, upper_left: int) -> int:
    estimate = left + up - upper_left
    return min(left, up, upper_left, key=lambda value: abs(estimate - value))
