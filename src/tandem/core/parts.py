"""One file is one part: a mixer, an objective, a corpus or a task is found by its file name.

A part's constructor signature is its option schema: parameters without a default are supplied by the house,
keyword-only parameters with a default are the options a user may write.
"""

import importlib
import inspect
import pkgutil
import types
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from tandem.core.errors import UsageError, unknown

T = TypeVar("T")


def names(package: str) -> list[str]:
    """The names of all parts in `package`, sorted; files named `base` or `..._base` hold a contract and are no part."""
    module = importlib.import_module(package)
    files = [info.name for info in pkgutil.iter_modules(module.__path__)]
    return sorted(name.replace("_", "-") for name in files if name.split("_")[-1] != "base")


def _module(package: str, name: str, kind: str, where: str) -> types.ModuleType:
    legal = names(package)
    if name not in legal:
        raise unknown(kind, name, legal, where)
    return importlib.import_module(f"{package}.{name.replace('-', '_')}")


def load_class(package: str, name: str, base: type[T], *, where: str = "") -> type[T]:
    """The one class derived from `base` that the file `name` of `package` defines.

    Raises:
        UsageError: no such file; the message names the nearest one.
    """
    module = _module(package, name, base.__name__.lower(), where)
    own = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__]
    (part,) = [value for value in own if issubclass(value, base)]
    return part


def load_value(package: str, name: str, base: type[T], *, where: str = "") -> T:
    """The one instance of `base` that the file `name` of `package` defines.

    Raises:
        UsageError: no such file; the message names the nearest one.
    """
    module = _module(package, name, base.__name__.lower(), where)
    (part,) = [value for value in vars(module).values() if isinstance(value, base)]
    return part


def options(part: type) -> dict[str, inspect.Parameter]:
    """The options of `part`: its constructor's keyword-only parameters that have a default."""
    parameters = inspect.signature(part, eval_str=True).parameters.values()
    return {
        parameter.name: parameter
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is not parameter.empty
    }


def checked_options(part: type, values: dict[str, Any], *, where: str) -> dict[str, Any]:
    """`values` with every name and type verified against the constructor of `part`.

    Raises:
        UsageError: an unknown option, or a value of another type; the message says what is legal.
    """
    schema = options(part)
    checked = {}
    for name, value in values.items():
        if name not in schema:
            raise unknown("option", name, schema, where)
        annotation = schema[name].annotation
        if get_origin(annotation) is Literal and value not in get_args(annotation):
            raise unknown(f"value of {name}", str(value), get_args(annotation), where)
        try:
            checked[name] = TypeAdapter(annotation, config=ConfigDict(strict=True)).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise UsageError(f"{where}: option {name} = {value!r}: {reason[0].lower()}{reason[1:]}") from None
    return checked
