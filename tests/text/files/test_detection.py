"""Which columns are read, by what the user says and by what the columns are called and hold."""

from typing import Any

import pytest

from tandem.core.errors import DataError, TandemError, UsageError
from tandem.text.columns import Columns, kind_of
from tandem.text.files.detection import columns_of

GOOD = "A film that I have seen twice and liked."
BAD = "Nobody should have to see it even once."


def table(**columns: Any) -> list[dict[str, Any]]:
    """Rows in which each column takes the values given in turn; twelve rows."""
    return [{name: values[row % len(values)] for name, values in columns.items()} for row in range(12)]


def found(rows: list[dict[str, Any]], classes: dict[str, tuple[str, ...]] | None = None, **wanted: str) -> Columns:
    return columns_of(rows, wanted, where="a.csv", classes=classes or {})


@pytest.mark.parametrize(
    ("rows", "columns", "kind"),
    [
        (table(text=[GOOD], label=["pos"]), Columns("text", label="label"), "label"),
        (table(id=["1"], review=[GOOD], stars=["1", "5"]), Columns("review", label="stars"), "label"),
        (table(label=[1], title=["A film"], content=[GOOD]), Columns("content", label="label"), "label"),
        (table(Sentence=[GOOD], Sentiment=[0, 1]), Columns("Sentence", label="Sentiment"), "label"),
        (table(text=[GOOD], score=[1, 5]), Columns("text", label="score"), "label"),
        (table(text=[GOOD], score=[0.25, 0.5]), Columns("text"), "text"),
        (table(text=[GOOD]), Columns("text"), "text"),
        (table(premise=[GOOD], hypothesis=[BAD], label=[0]), Columns("premise", "hypothesis", "label"), "pair"),
        (
            table(sentence_A=[GOOD], sentence_B=[BAD], relatedness_score=[4.5, 1]),
            Columns("sentence_A", "sentence_B", score="relatedness_score"),
            "score",
        ),
        (
            table(sentence1=[GOOD], sentence2=[BAD], label=[0.8]),
            Columns("sentence1", "sentence2", score="label"),
            "score",
        ),
        (table(sentence1=[GOOD], sentence2=[BAD], label=[1.0]), Columns("sentence1", "sentence2", "label"), "pair"),
        (table(tokens=[["a", "b"]], ner_tags=[[0, 1]], pos_tags=[[3, 4]]), Columns("tokens", tags="ner_tags"), "tags"),
        (table(tokens=["a b"], upos=["DT NN"]), Columns("tokens", tags="upos"), "tags"),
        (table(text=[GOOD], tags=["film;old"]), Columns("text"), "text"),
        (table(en=[GOOD], de=["Ein Film, den ich mag."]), Columns("en", "de"), "translation"),
        (table(source=[GOOD], target=[BAD]), Columns("source", "target"), "translation"),
        (table(text=[GOOD], source=["press"], target=["pos"]), Columns("text", label="target"), "label"),
        (table(id=["4"], en=[GOOD]), Columns("en"), "text"),
        (table(a=["x", "y"], b=[GOOD, BAD]), Columns("b", label="a"), "label"),
        (table(a=["x", "y"], c=["u", "v", "w"], b=[GOOD, BAD]), Columns("b"), "text"),
        (
            [{"1": str(n % 3), "2": f"{GOOD} {n}", "3": f"2020-01-{n}"} for n in range(30)],
            Columns("2", label="1"),
            "label",
        ),
    ],
)
def test_columns_are_found_by_their_names_and_else_by_what_they_hold(
    rows: list[dict[str, Any]], columns: Columns, kind: str
) -> None:
    assert found(rows) == columns
    assert kind_of(columns) == kind


MANY = table(premise=[GOOD], hypothesis=[BAD], label=[0, 1], score=[0.5], note=[f"{GOOD} {BAD}"], tokens=["a b"])


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        ({"text": "note"}, Columns("note", label="label")),
        ({"text": "note", "label": "none"}, Columns("note")),
        ({"text": "note", "second": "premise"}, Columns("note", "premise", "label")),
        ({"score": "score"}, Columns("premise", "hypothesis", score="score")),
        ({"label": "none"}, Columns("premise", "hypothesis", score="score")),
        ({"label": "none", "score": "none"}, Columns("premise", "hypothesis")),
        ({"text": "tokens", "tags": "label"}, Columns("tokens", tags="label")),
    ],
)
def test_what_the_user_names_is_read_and_the_rest_is_found(wanted: dict[str, str], columns: Columns) -> None:
    assert found(MANY, **wanted) == columns


def test_the_names_of_classes_that_the_file_states_are_taken() -> None:
    rows = table(text=[GOOD], label=[0, 1])
    assert found(rows, {"label": ("neg", "pos"), "other": ("x",)}).labels == ("neg", "pos")
    rows = table(tokens=[["a"]], tags=[[0]])
    assert found(rows, {"tags": ("O", "B")}) == Columns("tokens", tags="tags", labels=("O", "B"))


@pytest.mark.parametrize(
    ("rows", "wanted", "error", "message"),
    [
        (table(text=[GOOD]), {"text": "txt"}, UsageError, 'corpus.text = "txt": no such column; did you mean "text"'),
        (table(text=[GOOD]), {"label": "stars"}, UsageError, r'corpus.label = "stars": no such column.*legal: text'),
        (table(a=[GOOD], b=[BAD]), {}, UsageError, r'a or b could be the text; .*corpus.text = "a" \(columns: a, b\)'),
        (
            table(a=["1"], b=["2020-01-01"]),
            {},
            DataError,
            r'no column holds text \(columns: a, b\); .* corpus.text = "COLUMN"',
        ),
        (table(text=[GOOD], score=["1"]), {"score": "score"}, UsageError, "name the other: corpus.second = COLUMN"),
        (MANY, {"label": "label", "score": "score"}, UsageError, "corpus.label and corpus.score: one thing is learnt"),
    ],
)
def test_what_cannot_be_told_is_asked_with_the_option_to_set(
    rows: list[dict[str, Any]], wanted: dict[str, str], error: type[TandemError], message: str
) -> None:
    with pytest.raises(error, match=rf"a\.csv: .*{message}"):
        found(rows, **wanted)
