"""A decoder's expression compiled into a module: `recurrent[cell=lstm,attention=dot]`, `transformer[heads=8]*3`."""

from torch import nn

from tandem.core import parts
from tandem.core.errors import UsageError
from tandem.nn.decoders.base import Decoder
from tandem.nn.defaults import Defaults
from tandem.nn.layout import Atom, Node, Repeat, parse

DECODERS = "tandem.nn.decoders"


def build_decoder(text: str, embedding: nn.Embedding, defaults: Defaults) -> Decoder:
    """The decoder that `text` names, with as many layers as are written behind `*`, over a target's `embedding`.

    Raises:
        UsageError: it is no name with options and a number of layers, there is no such decoder, or an option is wrong.
    """
    name, layers = _read(parse(text, kind="decoder"), text)
    part = parts.load_class(DECODERS, name.name, Decoder, where="decoder")  # type: ignore[type-abstract]
    # Inside an expression `none` is a word of the language, and also the name of a choice.
    written = {key: "none" if value is None else value for key, value in name.options}
    options = parts.checked_options(part, written, where=f"decoder: {name.name}")
    return part(embedding, layers, defaults, **options)


def _read(node: Node, text: str) -> tuple[Atom, int]:
    match node:
        case Atom():
            return node, 1
        case Repeat(part=Atom() as name, count=layers):
            return name, layers
    raise UsageError(f'decoder "{text}": one name with its options and its layers, as in transformer[heads=4]*3')
