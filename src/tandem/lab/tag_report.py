"""How well a tagger does: beside the most frequent tag of each word, and name by name."""

from tandem.lab.baselines import Baseline, frequent_tags
from tandem.lab.corpora import open_corpus
from tandem.lab.data_checks.finding import read_rows
from tandem.lab.folder import OpenRun
from tandem.lab.predictions import Predictions
from tandem.metrics.spans import SpanScore, span_scores, total

MOST_ROWS = 500_000
OVERALL = "all"


def frequent_tag(run: OpenRun, *, split: str) -> Baseline | None:
    """What the most frequent tag of each word of train gets right on `split`; None where that is not held out.

    Raises:
        DataError: the text of the run is gone.
    """
    if split == "train":
        return None
    found = frequent_tags(read_rows(open_corpus(run.recipe).corpus, ("train", split), most=MOST_ROWS))
    return found[0] if found else None


def entity_scores(predictions: Predictions) -> dict[str, SpanScore]:
    """The scores of each type of name, and of all names together."""
    gold, predicted = ([str(tag) for tag in tags] for tags in (predictions.gold, predictions.predicted))
    found = span_scores(gold, predicted, predictions.rows.tolist())
    return {**found, OVERALL: total(found.values())}


def entity_table(scores: dict[str, SpanScore]) -> str:
    """A heading, and a line for each of `scores`: precision, recall, F1, how many names there are and were said."""
    width = max(map(len, scores))
    lines = [f"{'':<{width}}  precision  recall     F1   names    said"]
    for name, one in scores.items():
        shares = f"{one.precision:9.3f}  {one.recall:6.3f}  {one.f1:5.3f}"
        lines.append(f"{name:<{width}}  {shares}  {one.gold:6,}  {one.predicted:6,}")
    return "\n".join(lines)
