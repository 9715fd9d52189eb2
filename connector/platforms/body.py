"""Reading an answer's body without letting it fill the memory.

httpx inflates a compressed body in chunks of any size (a 583 kB bomb gave one chunk of 67 MB), so the raw bytes are
read and inflated here, piece by piece under a limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_PIECE = 1 << 20


class BodyTooLarge(ValueError):
    """The body is longer than an answer of this platform may be."""


class BodyBroken(ValueError):
    """The body ended early or is not what its headers say."""


def read_body(chunks: Iterable[bytes], *, encoding: str, limit: int) -> bytes:
    """Join and, where `encoding` says so, inflate the chunks. `limit` is in bytes, after inflation.

    Raises BodyTooLarge, BodyBroken.
    """
    if encoding in ("", "identity"):
        return _joined(chunks, limit)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _inflated(chunks, limit)
    raise BodyBroken(f"content encoding {encoding[:20]!r} was not asked for")


def _joined(chunks: Iterable[bytes], limit: int) -> bytes:
    kept: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"more than {limit} bytes")
        kept.append(chunk)
    return b"".join(kept)


def _inflated(chunks: Iterable[bytes], limit: int) -> bytes:
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    kept = bytearray()
    try:
        for chunk in chunks:
            while chunk:
                kept += inflater.decompress(chunk, _PIECE)
                if len(kept) > limit:
                    raise BodyTooLarge(f"more than {limit} bytes")
                chunk = inflater.unconsumed_tail
    except zlib.error as exc:
        raise BodyBroken("cannot be inflated") from exc
    if not inflater.eof or inflater.unused_data:
        raise BodyBroken("ended early")
    return bytes(kept)
