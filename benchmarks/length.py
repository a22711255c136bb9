"""How translations fare as texts grow longer: the figure that shows what attention is for.

    python -m benchmarks.length runs/reverse/attention runs/reverse/no-attention
    python -m benchmarks.length runs/multi30k/bahdanau-gru runs/multi30k/no-attention --score bleu

Every text of a split is translated by each run and compared with its reference, in groups of one length: the share of
translations that are the same (`same`), or BLEU in at most five groups of about as many texts (`bleu`). Lengths are
counted in words. The table goes to the terminal and, with the figure, into the folder `--out`.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tandem.core.errors import TandemError
from tandem.core.files import write_atomic
from tandem.lab.figures import NOT_DRAWN, drawable
from tandem.lab.folder import open_run
from tandem.lab.translation_report import Pair, grouped_by_length, translated_split
from tandem.nn.search import Beam

SCORES = {"same": "translations that are the same as the reference (%)", "bleu": "BLEU"}


@dataclass(frozen=True)
class Point:
    """The score, from 0 to 100, of `count` texts of `shortest` to `longest` words."""

    shortest: int
    longest: int
    count: int
    score: float


def main() -> None:
    """Measures, prints the table, and draws the figure."""
    options = _options()
    try:
        curves = {
            name: points(
                translated_split(open_run(path), split=options.split, beam=Beam(options.beam), say=_say)[0],
                score=options.score,
            )
            for name, path in zip(_names(options.runs), options.runs, strict=True)
        }
        written = table(curves)
        print(written)
        write_atomic(options.out / "length.md", f"{SCORES[options.score]}\n\n{written}\n")
        if drawable():
            draw(options.out / "length.png", curves, score=options.score)
    except TandemError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(f"\nTable: {options.out / 'length.md'}   Figure: {options.out / 'length.png' if drawable() else NOT_DRAWN}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Scores of translations by the length of the text.")
    parser.add_argument("runs", nargs="+", type=Path, help="folders of finished runs that translate one corpus")
    parser.add_argument("--score", choices=SCORES, default="same")
    parser.add_argument("--split", default="test")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/length"), help="folder of the table and the figure")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _names(paths: Sequence[Path]) -> list[str]:
    """What runs are called: the names of their folders, or their paths where two have one name."""
    names = [path.resolve().name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def points(pairs: Sequence[Pair], *, score: str) -> list[Point]:
    """The scores of groups of `pairs`, from the shortest texts to the longest."""
    if score == "bleu":
        groups = grouped_by_length(pairs)
        return [Point(group.shortest, group.longest, group.count, group.scores.bleu) for group in groups]
    found = []
    for words in sorted({pair.words for pair in pairs}):
        same = [pair.same for pair in pairs if pair.words == words]
        found.append(Point(words, words, len(same), 100 * sum(same) / len(same)))
    return found


def table(curves: dict[str, list[Point]]) -> str:
    """A line for each length and a column for each run, as Markdown."""
    lengths = [(point.shortest, point.longest, point.count) for point in next(iter(curves.values()))]
    lines = [f"| words | texts | {' | '.join(curves)} |", f"|{' ---: |' * (2 + len(curves))}"]
    for number, (shortest, longest, count) in enumerate(lengths):
        words = str(shortest) if shortest == longest else f"{shortest} to {longest}"
        cells = [f"{line[number].score:.1f}" if number < len(line) else "-" for line in curves.values()]
        lines.append(f"| {words} | {count:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(path: Path, curves: dict[str, list[Point]], *, score: str) -> None:
    """Draws a curve for each run as PNG. Needs the extra `plots`."""
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axes = figure.add_subplot()
    for name, line in curves.items():
        middles = [(point.shortest + point.longest) / 2 for point in line]
        axes.plot(middles, [point.score for point in line], marker="o", markersize=4, linewidth=1.8, label=name)
    axes.set_xlabel("words in the text")
    axes.set_ylabel(SCORES[score])
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    write_atomic(path, content.getvalue())


if __name__ == "__main__":
    main()
