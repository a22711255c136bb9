"""Finished runs of every objective that can be exported, and their exports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import tiny, trained

from tandem.lab.folder import OpenRun, open_run

pytest.importorskip("transformers", reason="the extra interop is not installed")
pytest.importorskip("sentence_transformers", reason="the extra interop is not installed")

EVERYTHING = "positions[kind=learned] > (attention | lstm | gru | rnn | cnn)[merge=gate] > attention*2"
PIECES = {"tokenizer__kind": "wordpiece", "tokenizer__size": 120}
RUNS: dict[str, dict[str, Any]] = {
    "mlm": {"encoder": EVERYTHING, "model__embedding_dropout": 0.2, "model__dropout": 0.3, "model__epsilon": 1e-4},
    "mlm-pieces": {"encoder": "gru > attention", "objective__tied": False, **PIECES},
    "mlm-nsp": {"task": "mlm-nsp", "encoder": "attention | lstm", **PIECES},
    "mixed": {"task": "mixed", "encoder": "attention | gru", **PIECES},
    "clm": {"task": "clm", "encoder": "attention | lstm", "tokenizer__kind": "bpe", "tokenizer__size": 300},
    "bilm": {"task": "bilm", "encoder": "lstm", "tokenizer__kind": "char"},
    "classify": {"task": "classify", "encoder": EVERYTHING, "objective__pooling": "max"},
    "attentive": {"task": "classify", "encoder": "rnn", "objective__pooling": "attentive"},
    "tag": {"task": "tag", "encoder": "gru", **PIECES},
    "letters": {"task": "tag", "encoder": "gru", "objective__characters": 4, **PIECES},
    "cross": {"task": "cross", "encoder": "attention | lstm", **PIECES},
    "cross-score": {"task": "cross", "encoder": "attention", "objective__compare": True, **PIECES},
    "siamese": {
        "task": "siamese",
        "encoder": "lstm",
        "objective__pooling": "last",
        "objective__framed": True,
        **PIECES,
    },
}
CORPORA = {
    "mlm-nsp": "pages", "classify": "reviews.csv", "attentive": "reviews.csv", "tag": "tags.jsonl",
    "letters": "tags.jsonl", "cross": "pairs.csv", "cross-score": "alike.csv", "siamese": "pairs.csv",
}  # fmt: skip
COLUMNS = {
    "reviews.csv": {"text": "text", "label": "label"},
    "pairs.csv": {"text": "text", "second": "second", "label": "label"},
    "alike.csv": {"text": "text", "second": "second", "score": "score"},
    "tags.jsonl": {"text": "words", "tags": "tags"},
}


@pytest.fixture(scope="session")
def corpora(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small corpus of each kind."""
    folder = tmp_path_factory.mktemp("corpora")
    (folder / "pages").mkdir()
    for number, page in enumerate(book.read_text(encoding="utf-8").split("\n\n")):
        (folder / "pages" / f"{number}.txt").write_text(page, encoding="utf-8")
    seasons = ["warm" if day % 3 else "cold" for day in range(120)]
    lines = {
        "reviews.csv": ["text,label", *(f"day {day} is {one},{one}" for day, one in enumerate(seasons))],
        "pairs.csv": [
            "text,second,label",
            *(f"day {day} is {one},it is {'cold' if day % 2 else one},{'no' if day % 2 else 'yes'}"
              for day, one in enumerate(seasons)),
        ],
        "alike.csv": ["text,second,score", *(f"day {day} is {one},it is {one},{day % 5}.5" for day, one in
                                             enumerate(seasons))],
        "tags.jsonl": [json.dumps({"words": ["day", f"{day}", "blows"], "tags": ["N", "X", "V"]}) for day in
                       range(120)],
    }  # fmt: skip
    for name, content in lines.items():
        (folder / name).write_text("\n".join(content) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def run_of(book: Path, corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], OpenRun]:
    """The finished run of a name in `RUNS`, trained when it is asked for first."""
    folder, opened = tmp_path_factory.mktemp("runs"), {}

    def run(name: str) -> OpenRun:
        if name not in opened:
            changes = dict(RUNS[name])
            if name in CORPORA:
                corpus = {"name": "file", "path": str(corpora / CORPORA[name]), **COLUMNS.get(CORPORA[name], {})}
                changes["corpus"] = corpus
            opened[name] = open_run(trained(tiny(book, budget__steps=3, **changes), folder / name))
        return opened[name]

    return run


@pytest.fixture(scope="session")
def exported(run_of: Callable[[str], OpenRun], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of an exported run."""
    from tandem.interop.export import export

    folder, written = tmp_path_factory.mktemp("exported"), {}

    def path(name: str, to: str = "transformers") -> Path:
        if (name, to) not in written:
            written[name, to] = export(run_of(name), to=to, out=folder / to / name).folder
        return written[name, to]

    return path


@pytest.fixture(params=sorted(set(RUNS) - {"letters"}))
def name(request: pytest.FixtureRequest) -> str:
    return request.param
