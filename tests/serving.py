"""Small finished runs of every kind of model that is served, and what requests made from the API's description find."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from running import tiny, trained

PIECES = {"tokenizer__kind": "wordpiece", "tokenizer__size": 120}
RUNS: dict[str, dict[str, Any]] = {
    "mlm": {"encoder": "attention | lstm"},
    "learned": {"encoder": "positions[kind=learned] > attention"},
    "clm": {"task": "clm", "encoder": "gru", "tokenizer__kind": "bpe", "tokenizer__size": 300},
    "classify": {"task": "classify", "encoder": "attention | gru"},
    "tag": {"task": "tag", "encoder": "gru", **PIECES},
    "siamese": {"task": "siamese", "encoder": "lstm", "corpus": {"name": "inference", "rows": 60}, **PIECES},
    "cross": {"task": "cross", "encoder": "attention", "objective__compare": True, **PIECES},
}
CORPORA = {
    "classify": ("reviews.csv", {"text": "text", "label": "label"}),
    "tag": ("tags.jsonl", {"text": "words", "tags": "tags"}),
    "cross": ("alike.csv", {"text": "text", "second": "second", "score": "score"}),
}


def write_corpora(folder: Path) -> None:
    """A small corpus of each kind."""
    warm = ["warm" if day % 3 else "cold" for day in range(90)]
    tables = {
        "reviews.csv": ["text,label", *(f"day {day} is {one},{one}" for day, one in enumerate(warm))],
        "alike.csv": ["text,second,score", *(f"day {day} is {o},it is {o},{day % 5}.5" for day, o in enumerate(warm))],
        "tags.jsonl": [json.dumps({"words": ["day", f"{n}", "blows"], "tags": ["O", "B-N", "O"]}) for n in range(90)],
    }
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def every_run(book: Path, reversing_run: Path, folder: Path) -> dict[str, Path]:
    """A finished run of every kind, by its name."""
    write_corpora(folder)
    found = {"translate": reversing_run}
    for name, changes in RUNS.items():
        if name in CORPORA:
            table, columns = CORPORA[name]
            changes = {**changes, "corpus": {"name": "file", "path": str(folder / table), **columns}}
        found[name] = trained(tiny(book, budget__steps=3, **changes), folder / "runs" / name)
    return found


def contradictions(runs: dict[str, Path], *, cases: int, action: str = "") -> tuple[list[str], Counter[int]]:
    """What `cases` requests made from the description found, and the statuses of all; `action` chooses one."""
    import schemathesis
    from hypothesis import HealthCheck, given, seed, settings

    # Whether a text can be answered, as one without a mask cannot, stands in no description.
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    from tandem.serve.app import create_app
    from tandem.serve.guards import Access
    from tandem.serve.served import open_all

    # The client calls the application "testserver", and starts nothing.
    app = create_app(open_all(list(runs.values()), refuse=print), access=Access(None))
    app.state.batcher.start()
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    found = (operation.ok() for operation in schema.get_all_operations())
    operations = [one for one in found if one.path.endswith(f"/{action}" if action else "")]
    broken: list[str] = []
    statuses = Counter[int]()
    each = -(-cases // (2 * len(operations)))
    both = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    for operation in operations:
        # Of what takes neither a body nor a parameter, nothing forbidden can be made, and one request is like another.
        for mode in both if operation.body or operation.query else both[:1]:

            @seed(1)
            @settings(max_examples=each, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                answer = case.call()
                statuses[answer.status_code] += 1
                if answer.status_code >= 500:
                    broken.append(f"{case.method} {case.path} {case.body!r}: {answer.status_code}")
                try:
                    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
                except (Exception, BaseExceptionGroup) as error:
                    broken.append(f"{case.method} {case.path} {case.body!r}: {error}")

            ask()
    app.state.batcher.stop()
    return broken, statuses
