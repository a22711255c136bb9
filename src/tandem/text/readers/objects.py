"""What the two readers of JSON share: what is a row, and how a mistake in one is told."""

import json
import re
from typing import Any

from tandem.core.errors import DataError
from tandem.text.readers.decoding import LARGEST_ROW

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_LAST_NAME = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*$')


def cells(value: Any, written: str, where: str) -> dict[str, Any]:
    """The row that `value` is, which the file holds as `written`.

    Raises:
        DataError: `value` is no object, or a text in it holds half a character.
    """
    if not isinstance(value, dict):
        raise DataError(f'{where}: holds {short(value)}, no object; a row looks like {{"text": "...", "label": "..."}}')
    if _HALF.search(written):
        for name, cell in value.items():
            refuse_halves(cell, written, f"{where}, column {name}")
    return value


def refuse_halves(cell: Any, written: str, where: str) -> None:
    """JSON may escape half of a character, which no encoding can hold; `written` is what the file holds.

    Raises:
        DataError: `cell` holds one.
    """
    if _HALF.search(written):
        try:
            json.dumps(cell, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = f"\\u{ord(error.object[error.start]):04x}"
            raise DataError(f"{where}: {half} is half of a character; write both halves, or remove it") from None


def too_long(written: str, where: str) -> DataError:
    """The error for a row that begins with `written` and has not ended after 16,777,216 characters."""
    column = ""
    try:
        json.loads(written)
    except json.JSONDecodeError as error:
        if name := _LAST_NAME.search(written, max(0, error.pos - 256), error.pos):
            column = f", column {name[1]}"
    except (ValueError, RecursionError):
        pass
    return DataError(f"{where}{column}: more than {LARGEST_ROW:,} characters; is a quote never closed?")


def short(value: Any) -> str:
    """`value` for a message."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 40 else f"{text[:37]}..."
