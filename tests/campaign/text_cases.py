"""Damage to the text of plain files and tables: format x damage x place x packing."""

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import partial

from case import MANY, ROWS, Case, paragraphs
from tables import FORMATS, PACKINGS, Rows

Damage = Callable[[bytes], bytes]
TABLES = ("csv", "tsv", "jsonl", "json", "lists.json")
JSON = ("jsonl", "json", "lists.json")
TOO_LONG = 50_000_000


def content(form: str, rows: Rows = ROWS) -> bytes:
    return paragraphs(rows) if form == "txt" else FORMATS[form](rows)


def text_cases() -> Iterator[Case]:
    chance = random.Random(3)
    for form in ("txt", *TABLES):
        for packing in PACKINGS:
            for damage in (*inside(form, chance), *whole(form)):
                name, made, says, code = damage
                file = f"a.{form}{packing}"
                yield Case(f"{name} in {file}", {file: partial(packed, packing, made)}, says, code)


def packed(packing: str, made: Callable[[], bytes]) -> bytes:
    return PACKINGS[packing](made())


Made = tuple[str, Callable[[], bytes], str, int]


def inside(form: str, chance: random.Random) -> Iterator[Made]:
    """Something that does not belong there, within the text of one row."""
    rows, row = chance.choice([(ROWS, 0), (ROWS, 41), (MANY, 1150)])
    good = content(form, rows)
    at = good.index(b"Film %d was" % row) + 5
    line, offset = 1 + good.count(b"\n", 0, at), at

    def with_(extra: bytes) -> Callable[[], bytes]:
        return lambda: good[:at] + extra + good[at:]

    utf_8 = rf"not UTF-8: line {line}, byte {offset} of the file is 0x"
    yield f"Latin-1 on line {line}", with_(b"\xe9"), rf"{utf_8}e9; if it is Latin-1, convert it: iconv -f LATIN1", 3
    yield f"half a character on line {line}", with_(b"\xe2\x82"), rf"{utf_8}e2", 3
    place = {"jsonl": f"line {line}", "json": f"row {row + 1}", "lists.json": "column review, value"}.get(form, "")
    if form in ("json", "lists.json"):
        yield f"NUL in row {row}", with_(b"\0"), rf"{place}.*Invalid control character.*line {line}", 3
    else:
        yield f"NUL on line {line}", with_(b"\0"), f"line {line}: holds a NUL byte; so it is no text file", 3
    if form in JSON:
        column = f"(line|row) {row + 1}, column review"
        yield f"half a surrogate in row {row}", with_(rb"\ud800"), rf"{column}: \\ud800 is half of a character", 3
        yield f"a whole surrogate in row {row}", with_(rb"\ud83d\ude00"), "", 0
        yield f"a bad escape in row {row}", with_(rb"\x"), rf"{place}.*no JSON: Invalid \\escape", 3
        yield f"a bare quote in row {row}", with_(b'"'), rf"{place}.*[Ee]xpect", 3
        yield f"a tab in row {row}", with_(b"\t"), rf"{place}.*no JSON: Invalid control character", 3
    if form == "csv":
        says = f"line {line}: text follows a closing quote; write a quote inside quotes twice"
        yield f"a bare quote on line {line}", with_(b'"'), says, 3
        yield f"a quoted quote on line {line}", with_(b'""'), "", 0
    if form == "tsv":
        yield f"a bare quote on line {line}", with_(b'"'), "", 0


def whole(form: str) -> Iterator[Made]:
    """Damage to all of a file."""
    good = content(form)
    text = good.decode()
    yield "no byte at all", bytes, "no text to train on|no rows|holds a list of objects", 3
    yield "white space only", lambda: b" \n\n \n", "no text to train on|no rows|holds a list of objects", 3
    yield "a mark of UTF-8", lambda: b"\xef\xbb\xbf" + good, "", 0
    yield "UTF-16 with its mark", lambda: text.encode("utf-16"), "", 0
    if form in ("json", "lists.json"):
        yield "UTF-16 without a mark", lambda: text.encode("utf-16-le"), r"line 1", 3
    else:
        yield "UTF-16 without a mark", lambda: text.encode("utf-16-le"), "line 1: holds a NUL byte; if it is UTF-16", 3
    yield "UTF-16, cut", lambda: text.encode("utf-16")[:-1], "not UTF-16, as it begins: line", 3
    yield "line ends of Windows", lambda: good.replace(b"\n", b"\r\n"), "", 0
    yield "line ends of old Macs", lambda: good.replace(b"\n", b"\r"), "", 0
    noise = random.Random(4).randbytes(5000)
    yield "noise", lambda: b"\x80" + noise, "a binary file, no text; it begins with the bytes 80", 3
    if form in JSON:
        yield "the end cut off", lambda: good[:-40], r"(line|row|value) \d+.*(no JSON|expected)", 3
        yield "something behind the end", lambda: good + b"\n}", "line|value", 3
    if form == "csv":
        cut = good.index(b"Film 50 was") + 7
        yield (
            "the end cut off",
            lambda: good[:cut],
            r'line 52, column 1 \("review"\): a quote begins here and is never',
            3,
        )
    if form == "tsv":
        cut = good.index(b"Film 50 was") + 7
        yield "the end cut off", lambda: good[:cut], "line 52: 1 cells where the first line has 3", 3


def row_cases() -> Iterator[Case]:
    """One row that does not fit, at three places of a table."""
    for table, place in ((ROWS, 0), (ROWS, 44), (MANY, 1150)):
        for packing in PACKINGS:
            for separator, form in ((",", "csv"), ("\t", "tsv")):
                for name, bad, says in cells_cases(separator):
                    lines = FORMATS[form](table).splitlines(keepends=True)
                    lines[place + 1] = bad
                    made = partial(packed, packing, partial(b"".join, lines))
                    file = f"a.{form}{packing}"
                    yield Case(f"{name} on line {place + 2} of {file}", {file: made}, says.format(line=place + 2))
            for name, bad, says in object_cases():
                rows = [json.dumps(row).encode() for row in table]
                rows[place] = bad
                for form, made in (("jsonl", lines_of(rows)), ("json", list_of(rows))):
                    where = f"line {place + 1}" if form == "jsonl" else f"row {place + 1}"
                    file = f"a.{form}{packing}"
                    if "two" in name and form == "json":
                        continue
                    files = {file: partial(packed, packing, partial(bytes, made))}
                    yield Case(f"{name} in row {place} of {file}", files, f"{re.escape(where)}[,:].*{says}")


def lines_of(rows: list[bytes]) -> bytes:
    return b"\n".join(rows) + b"\n"


def list_of(rows: list[bytes]) -> bytes:
    return b"[" + b",\n".join(rows) + b"]"


def cells_cases(separator: str) -> Iterator[tuple[str, bytes, str]]:
    sign = separator.encode()
    yield "a cell too many", sign.join([b"Fine", b"pos", b"7", b"more"]) + b"\n", "line {line}: 4 cells where .* has 3"
    yield "a cell too few", sign.join([b"Fine", b"pos"]) + b"\n", "line {line}: 2 cells where the first line has 3"
    quote = sign.join([b"Fine", b'"pos', b"7"]) + b"\n"
    yield "an open quote", quote, "line {line}(, column 2 .*never closed|: text follows a closing quote)"


def object_cases() -> Iterator[tuple[str, bytes, str]]:
    yield "a list", b'["Fine", "pos"]', r'holds \["Fine", "pos"\], no object; a row looks like'
    yield "a text", b'"Fine"', 'holds "Fine", no object'
    yield "null", b"null", "holds null, no object"
    yield "a word", b"Fine", "no JSON: Expecting value"
    yield "single quotes", b"{'review': 'Fine'}", "no JSON: (Expecting property name|Illegal)"
    yield "a brace too few", b'{"review": "Fine"', "no JSON: Expecting|expected"
    yield "a comma too many", b'{"review": "Fine",}', "no JSON: "
    yield "two objects", b'{"review": "Fine"} {"review": "Fine"}', "no JSON: Extra data"
    yield "no text", b'{"label": "pos", "id": 7}', 'no column "review"'
    yield "no label", b'{"review": "Fine", "id": 7}', 'no column "label"'
    yield "a number for a text", b'{"review": 7, "label": "pos"}', "(column review holds 7, which is no text|no column)"
    yield (
        "a list for a label",
        b'{"review": "Fine", "label": ["pos"]}',
        r"column label holds \['pos'\], which is no label",
    )
    yield "endless lists", b'{"review": ' + b"[" * 30_000, "nested too deeply"
    yield "a very long number", b'{"review": ' + b"9" * 5000 + b"}", "Exceeds the limit"


def long_cases() -> Iterator[Case]:
    """One cell of 50 MB."""
    for form in TABLES:
        good = content(form)
        at = good.index(b"Film 41 was") + 5
        made = partial(bytes.join, b"x" * TOO_LONG, (good[:at], good[at:]))
        says = r"(column review, value|line|row) 4\d.*: more than 16,777,216 characters; is a quote never closed"
        yield Case(f"50 MB in one cell of a.{form}", {f"a.{form}": made}, says)
