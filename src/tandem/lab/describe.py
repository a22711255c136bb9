"""An encoder in words and numbers."""

from pathlib import Path

from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError
from tandem.lab.assemble import check, stand_in_objective
from tandem.lab.origins import resolved
from tandem.lab.sizes import sizes_of
from tandem.nn.cost import Line, tree
from tandem.nn.layout import parse


def describe(text: str, *, width: int | None, vocabulary: int | None, length: int | None) -> list[str]:
    """The tree, parameters, operations and state of the expression or of the recipe file `text`, as lines.

    Raises:
        UsageError: neither an expression nor a recipe, or a size that a part refuses.
    """
    recipe = resolved(_resized(_recipe(text), width, vocabulary, length))
    model, tokens = check(recipe), recipe.data.length
    sizes = sizes_of(recipe, model, stand_in_objective(recipe))
    counted, body, head = sizes.counted, sizes.body_flops, sizes.head_flops
    spared = f" - {sizes.spared_flops:,.0f} at positions that are not told" if sizes.spared_flops else ""
    state = (
        "none: it sees both sides and reads a sequence at once"
        if sizes.state_bytes is None
        else f"{sizes.state_bytes:,} bytes"
    )
    return [
        str(parse(recipe.encoder)),
        *(_line(line) for line in tree(model.encoder.body, tokens)),
        "",
        f"width {recipe.model.width}, vocabulary {recipe.tokenizer.size:,}, {tokens} tokens, task {recipe.task}",
        f"parameters      {counted.total:>12,}  = embedding {counted.embedding:,} + body {counted.body:,}"
        f" + head {counted.head:,}",
        f"FLOPs per token {sizes.flops:>12,.0f}  = body {body:,.0f} + head {head:,.0f}{spared}"
        " (forward; training takes three)",
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
