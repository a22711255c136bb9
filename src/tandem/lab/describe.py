"""An encoder in words and numbers."""

from pathlib import Path

from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError
from tandem.lab.assemble import check, stand_in_objective
from tandem.lab.origins import resolved
from tandem.nn.cost import Line, parameters, state_bytes, tree
from tandem.nn.layout import parse
from tandem.nn.mixers.base import Mixer


def describe(text: str, *, width: int | None, vocabulary: int | None, length: int | None) -> list[str]:
    """The tree, parameters, operations and state of the expression or of the recipe file `text`, as lines.

    Raises:
        UsageError: neither an expression nor a recipe, or a size that a part refuses.
    """
    recipe = resolved(_resized(_recipe(text), width, vocabulary, length))
    model = check(recipe)
    counted, tokens = parameters(model), recipe.data.length
    objective = stand_in_objective(recipe)
    head = objective.head_flops(model.head, tokens) / tokens
    body = model.encoder.flops(tokens) / tokens
    sees = {mixer.sees for mixer in model.modules() if isinstance(mixer, Mixer)}
    state = (
        f"{state_bytes(model, tokens):,} bytes"
        if sees == {"past"} and not objective.both_ways
        else "none: it sees both sides and reads a sequence at once"
    )
    return [
        str(parse(recipe.encoder)),
        *(_line(line) for line in tree(model.encoder.body, tokens)),
        "",
        f"width {recipe.model.width}, vocabulary {recipe.tokenizer.size:,}, {tokens} tokens, task {recipe.task}",
        f"parameters      {counted.total:>12,}  = embedding {counted.embedding:,} + body {counted.body:,}"
        f" + head {counted.head:,}",
        f"FLOPs per token {body + head:>12,.0f}  = body {body:,.0f} + head {head:,.0f} (forward; training takes three)",
        f"state per sequence after {tokens} tokens: {state}",
    ]


def _recipe(text: str) -> Recipe:
    if text.endswith(".toml"):
        return read_recipe(Path(text))
    parse(text)
    return checked_recipe({"encoder": text, "budget": {"steps": 1}}, where="describe")


def _resized(recipe: Recipe, width: int | None, vocabulary: int | None, length: int | None) -> Recipe:
    content = recipe.model_dump(exclude_none=True, exclude_unset=True)
    for table, key, value in (("model", "width", width), ("tokenizer", "size", vocabulary), ("data", "length", length)):
        if value is not None:
            if value < 1:
                raise UsageError(f"--{key} {value}: at least 1")
            content.setdefault(table, {})[key] = value
    return checked_recipe(content, where="describe")


def _line(line: Line) -> str:
    label = f"{'  ' * (line.depth + 1)}{line.label}"
    return f"{label:<56} {line.parameters:>12,} parameters  {line.flops_per_token:>12,.0f} FLOPs/token"
