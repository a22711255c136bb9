"""Matrices between tokens, and curves over distances, as PNG and SVG."""

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from tandem.core.files import write_atomic
from tandem.lab.gradient_flow import Flow
from tandem.lab.look import Look
from tandem.lab.translate import Aligned
from tandem.text.readable import readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

FORMATS = ("png", "svg")
INCHES_PER_TOKEN, LARGEST_PANEL = 0.26, 9.0
MOST_COLUMNS = 4
LABEL = 14
VISIBLE = str.maketrans({" ": "\u2423", "\n": "\u23ce", "\t": "\u21e5"})
FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "Malgun Gothic",
    "Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Arial Unicode MS", "Segoe UI", "FreeSans",
)  # fmt: skip
"""Fonts that have what the first one lacks, as far as the machine has them."""


def draw_look(folder: Path, found: Look, *, expression: str) -> list[Path]:
    """Draws the influence map, and a figure for each attention layer with a panel for each head; returns the files.

    Needs the extra `plots`.
    """
    written = draw_matrices(
        folder / "influence", {"": found.influence}, tokens=found.tokens, title=f"Influence in {expression}",
        scale="|change of the output| / |output|", rows="output at", columns="erased token",
    )  # fmt: skip
    for layer in found.attention:
        heads = {f"head {number}": weights for number, weights in enumerate(layer.weights[0], start=1)}
        place = layer.name.removesuffix(" attention")
        written += draw_matrices(
            folder / f"attention-{file_name(place)}", heads, tokens=found.tokens,
            title=f"Attention weights of layer {layer.name} in {expression}", scale="weight", rows="output at",
            columns="attends to",
        )  # fmt: skip
    return written


def draw_alignment(path: Path, found: Aligned, *, expression: str) -> list[Path]:
    """Draws what each token of a translation was told from, a panel for each layer; returns the files.

    Figure 3 of Bahdanau et al. 2015 is such a picture. Needs the extra `plots`.
    """
    single = len(found.layers) == 1
    panels = {"" if single else f"layer {number}": layer for number, layer in enumerate(found.layers, start=1)}
    return draw_matrices(
        path, panels, tokens=found.target, column_tokens=found.source, title=f"Alignment over {expression}",
        scale="weight", rows="translation", columns="text",
    )  # fmt: skip


def draw_flows(folder: Path, flows: Sequence[Flow]) -> list[Path]:
    """Draws gradient flows as curves on one figure; returns the files. Needs the extra `plots`."""
    curves = {flow.name: (flow.distances, flow.norms, flow.lowest, flow.highest) for flow in flows}
    return draw_curves(
        folder / "gradient-flow", curves, across="t - s (tokens)",
        title="Gradient flow: geometric mean over positions and samples, and the range of samples",
        up="Frobenius norm of d output_t / d input_s",
    )  # fmt: skip


def draw_matrices(
    path: Path,
    panels: Mapping[str, "Tensor"],
    *,
    tokens: Sequence[str],
    column_tokens: Sequence[str] | None = None,
    title: str,
    scale: str,
    rows: str,
    columns: str,
) -> list[Path]:
    """Draws matrices (T, T) between `tokens` side by side, each under its name, into `path` with .png and with .svg.

    Columns have other tokens than rows, (T, S), where `column_tokens` says so. One colour scale, named `scale`, holds
    for all of them. `rows` and `columns` say what the axes are. Needs the extra `plots`. Returns the files.
    """
    with _style():
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize
        from matplotlib.figure import Figure

        labels, column_labels = ([label(token) for token in side] for side in (tokens, column_tokens or tokens))
        tall, wide = (min(LARGEST_PANEL, 0.9 + INCHES_PER_TOKEN * len(side)) for side in (labels, column_labels))
        across = min(MOST_COLUMNS, ceil(len(panels) ** 0.5))
        down = ceil(len(panels) / across)
        figure = Figure(figsize=(across * wide + 1.6, down * tall + 1.2), layout="constrained")
        grid = figure.subplots(down, across, squeeze=False).flatten()
        highest = max(float(matrix.max()) for matrix in panels.values()) or 1.0
        sizes = ((tall, labels), (wide, column_labels))
        points = max(3.0, min(9.0, *(72 * (inches - 0.9) / len(side) * 0.75 for inches, side in sizes)))
        scaled = ScalarMappable(Normalize(0.0, highest), "viridis")
        for axes, (name, matrix) in zip(grid, panels.items(), strict=False):
            axes.imshow(matrix.tolist(), norm=scaled.norm, cmap=scaled.cmap, interpolation="nearest")
            axes.set_xticks(range(len(column_labels)), column_labels, rotation=90, fontsize=points, parse_math=False)
            axes.set_yticks(range(len(labels)), labels, fontsize=points, parse_math=False)
            axes.set_title(name, fontsize=10, parse_math=False)
            axes.tick_params(length=0)
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        for number, axes in enumerate(grid[: len(panels)]):
            if number % across == 0:
                axes.set_ylabel(rows)
            if number + across >= len(panels):
                axes.set_xlabel(columns)
        figure.colorbar(scaled, ax=list(grid), shrink=0.7, label=scale)
        figure.suptitle(title, fontsize=11, parse_math=False)
        return _saved(figure, path)


def draw_curves(
    path: Path, curves: Mapping[str, tuple[Sequence[int], Sequence[float], Sequence[float], Sequence[float]]], *,
    title: str, across: str, up: str,
) -> list[Path]:  # fmt: skip
    """Draws a curve for each name on a logarithmic scale into `path` with .png and with .svg.

    A curve is its places, its values, and the lower and the upper edge of a band around them; a value of 0 is a gap.
    Needs the extra `plots`. Returns the files.
    """
    with _style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 4.8), layout="constrained")
        axes = figure.add_subplot()
        for number, (name, (places, values, low, high)) in enumerate(curves.items()):
            lines = [[value if value > 0 else float("nan") for value in line] for line in (values, low, high)]
            axes.plot(places, lines[0], color=f"C{number % 10}", linewidth=1.8, label=name.replace("$", r"\$"))
            axes.fill_between(places, lines[1], lines[2], color=f"C{number % 10}", alpha=0.15, linewidth=0)
        axes.set_yscale("log")
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.set_title(title, fontsize=11, parse_math=False)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        return _saved(figure, path)


def label(token: str) -> str:
    """A token short and visible: spaces and line ends are drawn, what a page cannot show is written out."""
    return readable(token.translate(VISIBLE), width=LABEL) or "\u2423"


def file_name(text: str) -> str:
    """A name for files about `text`: its letters and digits that are in ASCII, and a digest where that is not all."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    if plain and plain == re.sub(r"[\s.,;:!?'\"]+", "-", text.lower()).strip("-"):
        return plain
    digest = blake2b(text.encode(errors="replace"), digest_size=4).hexdigest()
    return f"{plain}-{digest}".strip("-")


@contextmanager
def _style() -> Iterator[None]:
    """Fonts for as many scripts as the machine has; what none of them has becomes a box in a PNG.

    Texts of an SVG stay texts, which a browser shows in fonts of its own.
    """
    import matplotlib
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]
    with (
        matplotlib.rc_context({"font.family": families, "svg.fonttype": "none", "svg.hashsalt": "tandem"}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def _saved(figure: "Figure", path: Path) -> list[Path]:
    written = []
    for ending in FORMATS:
        content = io.BytesIO()
        # Without a date, equal pictures are equal files.
        figure.savefig(content, format=ending, dpi=150, metadata={"Date": None} if ending == "svg" else None)
        written.append(path.with_name(f"{path.name}.{ending}"))
        write_atomic(written[-1], content.getvalue())
    return written
