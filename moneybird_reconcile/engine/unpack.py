"""Bank files that come packed: as a ZIP of several, or one packed with gzip.

>>> import io
>>> packed = io.BytesIO()
>>> with zipfile.ZipFile(packed, "w") as archive:
...     archive.writestr("2026-11/a.xml", "<Document/>")
...     archive.writestr("2026-11/b.sta", ":20:940")
>>> [(name, file.read()) for name, file in unpack(packed)]
[('a.xml', b'<Document/>'), ('b.sta', b':20:940')]
>>> [(name, file.read()) for name, file in unpack(io.BytesIO(b"Datum;Bedrag"))]
[('', b'Datum;Bedrag')]
"""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from .bank_file import BankFileError
from .camt import MAX_BYTES

MAX_FILES = 400
IN_MEMORY = 2**20
PIECE = 2**16
ENCRYPTED = 1
BROKEN = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError)


def unpack(
    source: BinaryIO, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[str, BinaryIO]]:
    """Hand out the files in an upload, one after the other, unpacked on disk.

    :param source: binary file that can be rewound
    :param max_bytes: all files together may not be larger, unpacked
    :return: (name, file) of each; the name is empty when the upload is no archive
    :raises BankFileError: the archive is damaged, locked, empty or too large
    """
    source.seek(0)
    head = source.read(4)
    source.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=source) as packed:
            yield "", _copy(cast("BinaryIO", packed), max_bytes)[0]
    elif head == b"PK\x03\x04":
        yield from _unzip(source, max_bytes)
    elif head == b"PK\x05\x06":
        raise BankFileError("archive_empty")
    else:
        yield "", source


def _unzip(source: BinaryIO, max_bytes: int) -> Iterator[tuple[str, BinaryIO]]:
    try:
        archive = zipfile.ZipFile(source)
    except BROKEN as error:
        raise BankFileError("archive_broken") from error
    with archive:
        members = [row for row in archive.infolist() if _is_file(row)]
        if not members:
            raise BankFileError("archive_empty")
        if len(members) > MAX_FILES:
            raise BankFileError("archive_full", limit=str(MAX_FILES))
        left = max_bytes
        for member in members:
            if member.flag_bits & ENCRYPTED:
                raise BankFileError("archive_locked")
            try:
                packed = archive.open(member)
            except BROKEN as error:
                raise BankFileError("archive_broken") from error
            with packed:
                file, size = _copy(cast("BinaryIO", packed), left, max_bytes)
            left -= size
            yield PurePosixPath(member.filename).name, file


def _is_file(member: zipfile.ZipInfo) -> bool:
    """Leave out folders and what computers add by themselves."""
    name = PurePosixPath(member.filename)
    hidden = name.name.startswith(".") or "__MACOSX" in name.parts
    return not member.is_dir() and not hidden


def _copy(
    packed: BinaryIO, left: int, max_bytes: int | None = None
) -> tuple[BinaryIO, int]:
    """Unpack into a file on disk, as far as it may go; return it and its size."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    size = 0
    try:
        while piece := packed.read(PIECE):
            size += len(piece)
            if size > left:
                limit = (max_bytes or left) // 2**20
                raise BankFileError("unpacked_too_large", limit=str(limit))
            file.write(piece)
    except BROKEN as error:
        raise BankFileError("archive_broken") from error
    file.seek(0)
    return cast("BinaryIO", file), size
