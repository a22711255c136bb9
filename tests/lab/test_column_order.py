"""The first text of a pair is the premise and the second the hypothesis, wherever their columns stand."""

from pathlib import Path

import pytest
from running import tiny

from tandem.data.store import Store
from tandem.lab.assemble import prepared
from tandem.lab.text_pairs import pairs_of

HEADERS = ("premise,hypothesis,label", "label,hypothesis,premise", "hypothesis,label,premise")
ROWS = [
    {"premise": f"dog {n} runs fast", "hypothesis": f"cat {n} sits", "label": ("yes", "no")[n % 2]} for n in range(60)
]


def table(path: Path, header: str, **names: str) -> Path:
    """The rows with their columns in the order of `header`, some called otherwise."""
    columns = header.split(",")
    lines = [[names.get(name, name) for name in columns], *([row[name] for name in columns] for row in ROWS)]
    path.write_text("".join(f"{','.join(line)}\n" for line in lines), encoding="utf-8")
    return path


def stored(store: Store) -> set[tuple[str, str]]:
    """Every pair of the train split as it was written for a training."""
    split = store.split("train")
    assert split.seconds is not None
    edges = zip(split.examples[:-1].tolist(), split.seconds.tolist(), split.examples[1:].tolist(), strict=True)
    text = store.tokenizer.decode
    return {
        (text(split.tokens[start:second].tolist()), text(split.tokens[second:end].tolist()))
        for start, second, end in edges
    }


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("names", [{}, {"premise": "known", "hypothesis": "said"}], ids=["known names", "other names"])
def test_a_training_reads_the_premise_first(header: str, names: dict[str, str], tmp_path: Path) -> None:
    corpus = {"name": "file", "path": str(table(tmp_path / "pairs.csv", header, **names))}
    options = {"text": "known", "second": "said"} if names else {}
    store = prepared(tiny(tmp_path, task="cross", corpus={**corpus, **options}))
    pairs = stored(store)
    assert len(pairs) > 30
    assert pairs <= {(row["premise"], row["hypothesis"]) for row in ROWS}
    assert set(store.labels) == {"yes", "no"}


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("columns", [None, ("premise", "hypothesis"), ("hypothesis", "premise")])
def test_a_question_takes_the_columns_by_name_or_as_they_are_given(
    header: str, columns: tuple[str, str] | None, tmp_path: Path
) -> None:
    found = pairs_of(table(tmp_path / "pairs.csv", header), columns=columns)
    one, other = columns or ("premise", "hypothesis")
    assert [pair[1:] for pair in found] == [(row[one], row[other]) for row in ROWS]
