"""The tables of a study's report."""

import math
from collections.abc import Sequence

import numpy as np

from tandem.lab.charts import short
from tandem.lab.evaluate import Scores as Scored
from tandem.lab.page import Cells
from tandem.lab.shares import Knocked, shares
from tandem.lab.sizes import Resizable
from tandem.lab.statistics.estimate import Estimate, estimate
from tandem.lab.statistics.factorial import Effects
from tandem.lab.statistics.tuning import expected_best
from tandem.lab.studies.results import Part, Results
from tandem.lab.studies.scores import knocked_out, score_in, sign_of
from tandem.train.logbook import read_log

GUESSES = 3
NONE = "-"


def arms_table(found: Results) -> Cells:
    """Which encoders are compared."""
    design = found.study.table.factors.model_dump() if found.study.table.factors else {}
    roles = {name: role for role, name in design.items()}
    rows = [
        [name, arm.encoder, ", ".join(arm.set) or NONE, *([roles.get(name, NONE)] if roles else [])]
        for name, arm in found.study.table.arms.items()
    ]
    return Cells(["arm", "encoder", "what else differs", *(["in the 2 x 2 design"] if roles else [])], rows, words=True)


def budgets_table(part: Part) -> Cells:
    """What every arm is and costs; seconds are means over seeds."""
    headings = [
        "arm", "width", "feed-forward", "body", "head", "embedding", "FLOPs/token", "tokens", "training FLOPs",
        "seconds", "tokens/s", "rate", "precision", "threads",
    ]  # fmt: skip
    rows = []
    for name, arm in part.arms.items():
        model = arm.recipe.model
        sizes = Resizable(arm.recipe).at(model.width, model.feedforward)
        row = [name, str(sizes.width), str(sizes.feedforward or NONE)]
        runs = list(arm.runs.values())
        if not runs:
            rows.append([*row, *[NONE] * (len(headings) - len(row))])
            continue
        result = runs[0].result
        row += [short(result["parameters"][place]) for place in ("body", "head", "embedding")]
        tokens, flops = (float(np.mean([run.result[key] for run in runs])) for key in ("tokens", "training_flops"))
        seconds = float(np.mean([run.seconds for run in runs]))
        row += [short(result["flops_per_token"]), short(tokens), short(flops), f"{seconds:.1f}"]
        row += [f"{tokens / seconds:,.0f}" if seconds else NONE]
        machines = [run.folder.read_json(run.folder.machine, "precision", "threads") for run in runs]
        used = [" and ".join(sorted({str(machine[key]) for machine in machines})) for key in ("precision", "threads")]
        rows.append([*row, f"{arm.rate:g}", *used])
    return Cells(headings, rows)


def scores_table(part: Part, score: str) -> Cells:
    """The mean of every arm with its interval, best first; an arm without a number has none. Below stand baselines."""
    headings = ["arm", score, "95 % interval", "deviation", "accuracy", *(f"seed {seed}" for seed in part.seeds)]
    sign = sign_of(score)
    rows = []
    for name, mean in sorted(part.estimates.items(), key=lambda pair: -sign * pair[1].value):
        runs = part.told(name)
        each = [score_in(run.held_out, score, where=run.folder.path) for run in runs]
        accuracy = float(np.mean([run.score("accuracy") for run in runs]))
        rows.append([
            name, f"{mean.value:.4f}", interval(mean),
            NONE if math.isnan(mean.deviation) else f"{mean.deviation:.4f}", f"{100 * accuracy:.2f} %",
            *(f"{value:.4f}" for value in each),
        ])  # fmt: skip
    rows += [[name, *[NONE] * (len(headings) - 1)] for name, arm in part.arms.items() if arm.why_not]
    baseline = next(part.told(name)[0] for name in part.scores)
    known = {"loss": f"{baseline.score('baseline_loss'):.4f}"}
    known["accuracy"] = f"{100 * baseline.score('baseline_accuracy'):.2f} %"
    rows.append([f"{baseline.held_out['guess']} baseline", *(known.get(heading, NONE) for heading in headings[1:])])
    for peer in part.peers.found:
        known = {"accuracy": f"{100 * peer.accuracy:.2f} %"}
        rows.append([peer.full_name, *(known.get(heading, NONE) for heading in headings[1:])])
    return Cells(headings, rows)


def pairs_table(part: Part) -> Cells:
    """The tests of every pair."""
    rows = []
    for verdict in part.verdicts:
        needed = verdict.seeds_needed()
        rows.append([
            f"{verdict.first} over {verdict.second}", f"{verdict.gain.value:.4f}", interval(verdict.gain),
            f"{verdict.p:.3g}", f"{verdict.permutation:.3g}", f"{verdict.epsilon:.2f}",
            NONE if needed is None else f"{needed:,}", "shown" if verdict.decided else "not shown",
        ])  # fmt: skip
    headings = ["pair", "better by", "95 % interval", "p (Holm)", "p (permutation, Holm)", "ASO ε", "seeds to see it"]
    return Cells([*headings, "difference"], rows)


def effects_table(effects: Effects) -> Cells:
    """The effects of a design of two by two; more is better."""
    rows = [
        [name, f"{effect.value:+.4f}", interval(effect), f"{effect.p_value():.3g}"]
        for name, effect in vars(effects).items()
    ]
    return Cells(["effect", "better by", "95 % interval", "p (alone)"], rows)


def shares_table(part: Part) -> Cells | None:
    """What each mechanism of hybrids gives, with intervals over seeds; None where there is no hybrid of two."""
    rows = []
    for name in part.scores:
        by_seed = [
            shares([Knocked(tuple(one["dropped"]), Scored(**one["scores"])) for one in knocked_out(run.folder.path)])
            for run in part.told(name)
        ]
        for parts in zip(*by_seed, strict=True):
            loss, accuracy = (estimate(np.array([getattr(one, key) for one in parts])) for key in ("loss", "accuracy"))
            rows.append([name, parts[0].of, f"{loss.value:+.4f}", interval(loss), f"{100 * accuracy.value:+.2f} %"])
    return Cells(["arm", "given by", "loss lowered by", "95 % interval", "accuracy raised by"], rows) if rows else None


def trials_table(part: Part, score: str) -> Cells | None:
    """The validation score of every rate, and the expected best of 1, 2, … tries; None where nothing was tried."""
    rates = sorted({rate for arm in part.arms.values() for rate in arm.tried})
    if not rates:
        return None
    sign, rows = sign_of(score), []
    tries = max(len(arm.tried) for arm in part.arms.values())
    for name, arm in part.arms.items():
        if not arm.tried:
            continue
        finite = [value for value in arm.tried.values() if value > -math.inf]
        # A try that diverged found nothing: it counts as the worst that did not.
        known = np.array(
            [value if value > -math.inf else min(finite, default=math.nan) for value in arm.tried.values()]
        )
        told = [
            _number(sign * arm.tried.get(rate, math.nan), diverged=arm.tried.get(rate) == -math.inf) for rate in rates
        ]
        expected = [_number(sign * value) for value in expected_best(known)]
        chosen = NONE if arm.rate is None else f"{arm.rate:g}"
        rows.append([name, *told, chosen, *expected, *[NONE] * (tries - len(expected))])
    best = (f"best of {number}" for number in range(1, tries + 1))
    return Cells(["arm", *(f"rate {rate:g}" for rate in rates), "chosen", *best], rows)


def samples_table(parts: Sequence[Part]) -> Cells | None:
    """What the first seed of every arm says about the sample sentences of the recipe; None where there are none."""
    rows = []
    for part in parts:
        for name in part.scores:
            lines = [line for line in read_log(part.told(name)[0].folder.log) if line.get("samples")]
            for sample in lines[-1]["samples"] if lines else []:
                guesses = "; ".join(
                    ", ".join(f"{token} {probability:.2f}" for token, probability in mask[:GUESSES])
                    for mask in sample["guesses"]
                )
                rows.append([sample["text"], f"{part.task}, equal {part.equal}", name, guesses])
    rows.sort(key=lambda row: row[0])
    return Cells(["text", "condition", "arm", "answers"], rows, words=True) if rows else None


def interval(mean: Estimate) -> str:
    """The 95 % interval of a mean in brackets; nothing where there is none."""
    low, high = mean.interval()
    return f"[{low:.4f}, {high:.4f}]" if math.isfinite(low) else NONE


def _number(value: float, *, diverged: bool = False) -> str:
    if diverged:
        return "diverged"
    return NONE if math.isnan(value) else f"{value:.4f}"
