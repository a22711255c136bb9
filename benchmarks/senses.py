"""Whether a word gets different vectors in its two senses, and by how much.

    python -m benchmarks.senses runs/elmo-sotu

For every layer of a run: the cosine similarity of two sentences' vectors of a word, where it has the same sense in both
(within) and where it has not (across), and the gap between them. A layer that knows no context gives one vector to
both, so its gap is 0. `nearest` is the share of sentences whose most similar other sentence has the same sense, where a
guess gets about one half. All are means over the senses of a word, then over the words. The same is measured for the
same model before its first training step, since an untrained encoder mixes neighbours into its vectors too.

Words, senses and rules stand in `benchmarks/sense_rules.py`; the sentences are from the addresses of `sotu` that
validate and test. Intervals are 95 % of a bootstrap over the sentences of each sense, for these words.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sense_rules import Found, held_out, known
from tandem.core.errors import TandemError
from tandem.lab.assemble import build_model
from tandem.lab.embed import every_layer
from tandem.lab.folder import OpenRun, open_run
from tandem.nn.trace import layer_names

RESAMPLES = 1000
EQUAL = 1e-5
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Mean cosines within senses and across them, and the share of nearest sentences of the same sense.

    `gaps` (RESAMPLES,) are within minus across under resampled sentences.
    """

    within: float
    across: float
    nearest: float
    gaps: Floats

    @property
    def gap(self) -> float:
        """How much more alike two sentences of one sense are."""
        return self.within - self.across

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the resampled gaps."""
        low, high = np.nanquantile(self.gaps, [0.025, 0.975])
        return float(low), float(high)


Results = Mapping[str, list[Measured]]
"""For each word what every layer says."""


def main() -> None:
    """Measures a run, and prints two tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.senses", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("run", type=Path, help="a finished run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    try:
        run = open_run(options.run)
        sentences = known(held_out())
    except TandemError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    fresh = replace(run, model=build_model(run.recipe, run.objective))
    layers = [*layer_names(run.model.encoder), "mean of all"]
    trained, untrained = (
        {word: measured(vectors(one, found), [some.sense for some in found]) for word, found in sentences.items()}
        for one in (run, fresh)
    )
    _print_layers(layers, trained, untrained)
    _print_words(layers, trained, sentences)
    if options.json:
        content = {
            "run": str(options.run),
            "layers": layers,
            "trained": _plain(trained),
            "untrained": _plain(untrained),
        }
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def vectors(run: OpenRun, found: Sequence[Found]) -> Floats:
    """The vectors of a word in its sentences, (layers and their mean, sentences, D); of several pieces the mean."""
    read = []
    for one in found:
        layers = every_layer(run, one.sentence)
        start, end = one.span
        pieces = [place for place, (first, last) in enumerate(layers.spans) if first < end and last > start]
        word = layers.vectors[:, pieces].mean(axis=1, dtype=np.float64)
        read.append(np.concatenate([word, word.mean(axis=0, keepdims=True)]))
    return np.stack(read, axis=1)


def measured(read: Floats, senses: Sequence[str]) -> list[Measured]:
    """What each layer of `read` (layers, sentences, D) says, where sentence n has the sense `senses[n]`."""
    names = np.array(senses)
    members = [np.flatnonzero(names == sense) for sense in dict.fromkeys(senses)]
    chance = np.random.default_rng(0)
    drawn = np.zeros((RESAMPLES, len(senses)))
    for some in members:
        drawn[:, some] = chance.multinomial(len(some), np.full(len(some), 1 / len(some)), size=RESAMPLES)
    found = []
    for layer in read:
        unit = layer / np.linalg.norm(layer, axis=1, keepdims=True)
        cosines = unit @ unit.T
        within, across = pair_means(cosines, members, np.ones((1, len(senses))))
        gaps = np.subtract(*pair_means(cosines, members, drawn))
        found.append(Measured(float(within[0]), float(across[0]), nearest(cosines, names, members), gaps))
    return found


def pair_means(cosines: Floats, members: Sequence[NDArray[np.int64]], weights: Floats) -> tuple[Floats, Floats]:
    """The mean cosine of pairs of sentences within a sense and across senses, for every row of `weights` (R, n).

    A weight is how often a sentence counts; a sentence is never paired with itself. NaN where a sense has no pair.
    """
    within, across = [], []
    for number, some in enumerate(members):
        counted = weights[:, some]
        squares = counted**2
        sums = np.einsum("ri,ij,rj->r", counted, cosines[np.ix_(some, some)], counted) - squares @ cosines[some, some]
        pairs = counted.sum(axis=1) ** 2 - squares.sum(axis=1)
        within.append(np.divide(sums, pairs, out=np.full(len(weights), np.nan), where=pairs > 0))
        for other in members[number + 1 :]:
            sums = np.einsum("ri,ij,rj->r", counted, cosines[np.ix_(some, other)], weights[:, other])
            across.append(sums / (counted.sum(axis=1) * weights[:, other].sum(axis=1)))
    return np.mean(within, axis=0), np.mean(across, axis=0)


def nearest(cosines: Floats, names: NDArray[np.str_], members: Sequence[NDArray[np.int64]]) -> float:
    """The share of sentences whose most similar other has the same sense; NaN where all are equally similar."""
    if np.ptp(cosines) < EQUAL:
        return float("nan")
    others = cosines - 4 * np.eye(len(cosines))
    same = names[others.argmax(axis=1)] == names
    return float(np.mean([same[some].mean() for some in members]))


def over_words(found: Results, layer: int) -> Measured:
    """The means over all words of one layer; a word is resampled apart from the others."""
    every = [layers[layer] for layers in found.values()]
    return Measured(
        within=float(np.mean([one.within for one in every])),
        across=float(np.mean([one.across for one in every])),
        nearest=float(np.mean([one.nearest for one in every])),
        gaps=np.mean([one.gaps for one in every], axis=0),
    )


def _print_layers(layers: list[str], trained: Results, untrained: Results) -> None:
    print(f"means over {len(trained)} words{'before training':>69}")
    print(f"{'layer':<18}{'within':>8}{'across':>8}{'gap':>8}  {'95 %':<16}{'nearest':>8}{'gap':>16}{'nearest':>10}")
    for number, name in enumerate(layers):
        now, before = over_words(trained, number), over_words(untrained, number)
        between = " to ".join(map(_number, now.interval))
        print(
            f"{name:<18}{now.within:8.3f}{now.across:8.3f}{_number(now.gap):>8}  {between:<16}{_share(now.nearest):>8}"
            f"{_number(before.gap):>16}{_share(before.nearest):>10}"
        )


def _print_words(layers: list[str], trained: Results, sentences: Mapping[str, list[Found]]) -> None:
    print(f"\n{'gap':<10}" + "".join(f"{name:>18}" for name in layers) + "  sentences")
    for word, found in trained.items():
        counts = Counter(one.sense for one in sentences[word])
        senses = ", ".join(f"{sense} {count}" for sense, count in counts.items())
        print(f"{word:<10}" + "".join(f"{_number(one.gap):>18}" for one in found) + f"  {senses}")


def _number(value: float) -> str:
    # Of two equal cosines the difference may be a zero with a sign.
    return f"{round(value, 3) + 0.0:.3f}"


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{100 * value:.1f} %"


def _plain(found: Results) -> dict[str, Any]:
    return {
        word: [
            {key: value for key, value in asdict(one).items() if key != "gaps"}
            | {"gap": one.gap, "interval": one.interval}
            for one in layers
        ]
        for word, layers in found.items()
    }


if __name__ == "__main__":
    main()
