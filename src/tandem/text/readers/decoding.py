"""From the bytes of a file to characters and lines, and what to say about a file that holds none."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tandem.core.errors import DataError
from tandem.text.readers.opening import head, opened

LARGEST_ROW = 2**24
"""No row of a text file has more characters; an unclosed quote would else swallow the rest of the file."""
CHUNK = 2**20
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NO_TEXT = {
    b"PAR1": "a Parquet file, damaged or among files of another format",
    b"ARROW1": "an Arrow file, damaged or among files of another format",
    b"PK\x03\x04": "a zip archive or an Office document; unpack it, or save it as plain text or as csv",
    b"\xd0\xcf\x11\xe0": "an old Office document; save it as plain text or as csv",
    b"{\\rtf": "an RTF document; save it as plain text",
    b"BZh": "packed with bzip2; unpack it with bunzip2, or pack it with gzip",
    b"\xfd7zXZ": "packed with xz; unpack it with unxz, or pack it with gzip",
    b"%PDF-": "a PDF; take its text out first, for example with pdftotext",
    b"SQLite format 3": "an SQLite database; export the table as csv",
    b"version https://git-lfs": "a Git LFS pointer, not the data; fetch the data with git lfs pull",
}
HTML = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE)


def encoding(path: Path) -> str:
    """`utf-16` where a byte order mark says so, else `utf-8-sig`: UTF-8 with such a mark or without."""
    return "utf-16" if head(path, 2) in UTF_16 else "utf-8-sig"


@contextmanager
def characters(path: Path, *, newline: str | None = None) -> Iterator[io.TextIOWrapper]:
    """The text of a file; `newline` is that of `open`.

    Raises:
        DataError: the file is of a known kind that holds no text, or a byte is not in the encoding; and what `opened`
            raises.
    """
    _refuse_known(path)
    with opened(path) as file:
        try:
            yield io.TextIOWrapper(file, encoding=encoding(path), newline=newline)
        except UnicodeError:
            raise _undecodable(path) from None


def lines(path: Path, *, limit: int = LARGEST_ROW, newline: str | None = None) -> Iterator[str]:
    """The lines of a file with their ends; one of more than `limit` characters comes in pieces of that size.

    Raises:
        DataError: a NUL byte; and what `characters` raises.
    """
    number = 1
    with characters(path, newline=newline) as text:
        while line := text.readline(limit):
            if "\0" in line:
                raise DataError(f"{path}, line {number}: holds a NUL byte; {_what_has_nul(head(path, 4096))}")
            yield line
            number += line.endswith(("\n", "\r"))


def _refuse_known(path: Path) -> None:
    start = head(path, 1024)
    if HTML.match(start):
        raise DataError(
            f"{path}: no text but an HTML page; take its text out first, for example with pandoc --to plain"
        )
    for magic, what in NO_TEXT.items():
        if start.startswith(magic):
            raise DataError(f"{path}: no text but {what}")


def _undecodable(path: Path) -> DataError:
    """Reads again, up to the first byte that is not in the encoding, to say where it stands."""
    start, utf_16 = head(path, 4096), encoding(path) == "utf-16"
    if not utf_16 and _is_binary(start):
        return DataError(f"{path}: a binary file, no text; it begins with the bytes {start[:8].hex(' ')}")
    decoder = codecs.getincrementaldecoder("utf-16" if utf_16 else "utf-8")()
    read = newlines = returns = 0
    with opened(path) as file:
        while True:
            chunk = file.read(CHUNK)
            read += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                offset = read - len(error.object) + error.start
                before = error.object[: error.start]
                # A file with returns alone has as many lines as returns.
                line = 1 + max(newlines + before.count(b"\n"), returns + before.count(b"\r"))
                byte = error.object[error.start]
                where = f"line {line}, byte {offset} of the file is 0x{byte:02x}"
                return DataError(f"{path}: not {_encoding_and_fix(path, utf_16=utf_16, where=where, byte=byte)}")
            assert chunk, "a second reading finds what the first one found"
            newlines, returns = newlines + text.count("\n"), returns + text.count("\r")


def _encoding_and_fix(path: Path, *, utf_16: bool, where: str, byte: int) -> str:
    if utf_16:
        return f"UTF-16, as it begins: {where}; damaged or cut: save it again, best as UTF-8"
    # 0x80 to 0x9f are quotation marks and dashes in Windows-1252, and control characters in Latin-1.
    name, code = ("Windows-1252", "CP1252") if 0x80 <= byte <= 0x9F else ("Latin-1", "LATIN1")
    return f"UTF-8: {where}; if it is {name}, convert it: iconv -f {code} -t UTF-8 {path.name} > utf8-{path.name}"


def _is_binary(start: bytes) -> bool:
    """Whether a file that is not UTF-8 is no text in another encoding either: one byte in fifty is a control byte."""
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in start)
    return 50 * control > len(start)


def _what_has_nul(start: bytes) -> str:
    if 3 * start.count(0) > len(start):
        return "if it is UTF-16, convert it: iconv -f UTF-16LE -t UTF-8"
    return "so it is no text file; remove the byte, or save the file as text"
