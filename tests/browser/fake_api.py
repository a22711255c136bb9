"""An API that answers at once and the same every time, in the states that real models are seldom in.

A text with "slow" in it is answered late, one with "wrong" is refused, with "busy" there is no room, with "crowded"
none when it is asked first, and with "gone" the answer is no JSON. One with "cut" is read in part, one with "huge" has
twelve layers of twelve heads over 128 tokens. A stream "breaks" with an error, "vanishes" without an end, or is
"dropped".
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from time import sleep
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tandem.serve.pages import mount_pages

EVERYTHING = (
    "fill-mask", "generate", "score", "classify", "tag", "nli", "similarity", "embed", "translate", "attention",
    "influence", "next",
)  # fmt: skip
ENCODERS = ("attention*4", "lstm*2", "attention*4 | lstm*2")
CLASSES = ("contradiction", "entailment", "neutral")
NAMES = ("O", "B-PER", "I-PER")
TAGS = ("DET", "NOUN", "VERB", "ADP", "ADJ", "PUNCT")
DOCUMENTS = [
    {
        "title": "Card",
        "text": "# attention*4\n\nTrained by `Tandem`.\n\n| encoder | loss |\n| --- | ---: |\n| attention*4 | 3.2 |\n",
    }
]
CONFUSIONS = [{"split": "test", "labels": list(CLASSES), "counts": [[8, 1, 1], [0, 9, 1], [2, 2, 6]]}]
HEAD = json.dumps([[0.01] * 128] * 128)
LAYER = '{"name": "a", "heads": [' + ",".join([HEAD] * 12) + "]}"
HUGE = (
    json.dumps({"tokens": ["word"] * 128, "second_tokens": []})[:-1] + ', "layers": [' + ",".join([LAYER] * 12) + "]}"
)
WORD = re.compile(r"\w+|[^\w\s]")
SLOW = 0.8
PIECE = 0.02
PROBLEMS = {
    "wrong": (422, "Not to be read", 'text: "wrong" is no word here', "write another sentence"),
    "busy": (503, "No room", "64 requests wait already", "ask again later"),
}


def fake_api(
    names: tuple[str, ...] = ("attention", "lstm", "hybrid"),
    can: tuple[str, ...] = EVERYTHING,
    *,
    told: Callable[[Any], Any] = lambda answer: answer,
    state: str = "training",
) -> FastAPI:
    """The pages over models of these names, all of which can do the same; `told` is made of each answer before it goes.

    The second run is in `state`, all others have finished.
    """
    app = FastAPI(openapi_url=None)
    mount_pages(app)
    asked: list[str] = []
    app.state.asked = asked

    @app.get("/api/v1/models")
    def models() -> dict[str, Any]:
        return told({"models": [model(name, number, can) for number, name in enumerate(names)]})

    @app.get("/api/v1/runs")
    def runs() -> dict[str, Any]:
        asked.append("runs")
        return told({"runs": [a_run(name, number, asked.count("runs"), state) for number, name in enumerate(names)]})

    @app.get("/api/v1/report")
    def report(run: str) -> dict[str, Any]:
        number = names.index(run)
        return told({"run": a_run(run, number, 20, state), "documents": DOCUMENTS, "confusions": CONFUSIONS})

    @app.post("/api/v1/{question}")
    async def answer(question: str, request: Request) -> Response:
        body = await request.json()
        text = body.get("text", f"{body.get('premise')} {body.get('hypothesis')}")
        asked.append(f"{question} {text}")
        if "crowded" in text and asked.count(asked[-1]) <= len(names):
            return JSONResponse({"title": "Busy"}, 503, {"Retry-After": "1"})
        return await run_in_thread(reply, question, body, text, names.index(body["model"]), told)

    return app


async def run_in_thread(work: Any, *arguments: Any) -> Response:
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(work, *arguments)


def model(name: str, number: int, can: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": name, "encoder": ENCODERS[number % 3], "task": "mlm", "asks": "masks",
        "labels": list(TAGS if number else NAMES), "parameters": 1_234_567 * (number + 1),
        "tokens": 5_000_000, "scores": {"loss": 3.1}, "can": list(can),
    }  # fmt: skip


def a_run(name: str, number: int, times: int, state: str) -> dict[str, Any]:
    """The second run trains: every look finds one more point."""
    length = min(24, 5 + times) if number == 1 else 24
    curve = [
        {
            "step": 100 * i, "tokens": 200_000 * i, "loss": 3.2 + 3.6 * math.exp(-i / (4 + 2 * number)),
            "accuracy": 0.42 - 0.37 * math.exp(-i / (5 + number)),
        }
        for i in range(1, length + 1)
    ]  # fmt: skip
    finished = number != 1
    scores = {"loss": curve[-1]["loss"], "accuracy": curve[-1]["accuracy"], "count": 9000} if finished else {}
    if number == 2:
        scores["BLEU"] = 31.25
    return {
        "id": name, "encoder": ENCODERS[number % 3], "task": "mlm", "finished": finished, "scores": scores,
        "unit": "nats per masked token", "split": "test" if finished else None,
        "state": "finished" if finished else state,
        "parameters": 1_234_567 * (number + 1), "flops_per_token": 3_400_000 * (number + 1), "curve": curve,
    }  # fmt: skip


def reply(question: str, body: dict[str, Any], text: str, number: int, told: Callable[[Any], Any]) -> Response:
    if "slow" in text:
        sleep(SLOW)
    if "gone" in text:
        return Response("<b>gateway</b>", status_code=502, media_type="text/html")
    for word, (status, title, detail, fix) in PROBLEMS.items():
        if word in text:
            content = {"type": "about:blank", "title": title, "status": status, "detail": detail, "fix": fix}
            headers = {"Retry-After": "2"} if status == 503 else {}
            return JSONResponse(told(content), status, headers, media_type="application/problem+json")
    if question == "generate":
        return StreamingResponse(pieces(body["tokens"], text), media_type="text/event-stream")
    if question == "attention" and "huge" in text:
        return Response(HUGE, media_type="application/json")
    more = {"cut": True, "ended": False, "unknown": 2} if "cut" in text else {}
    return JSONResponse(told({"model": body["model"], **ANSWERS[question](body, number), **more}))


def pieces(tokens: int, text: str) -> Iterator[str]:
    words = ["of", "the", "people", "and", "for", "all", "who", "come", "after", "us,"]
    for place in range(tokens):
        sleep(PIECE)
        yield event("piece", {"text": f" {words[place % len(words)]}"})
        if "vanishes" in text and place == 2:
            return
        if "dropped" in text and place == 2:
            sleep(SLOW)  # what the browser has not read when a connection drops is lost
            raise ConnectionError("the test drops it")
        if "breaks" in text and place == 2:
            yield event(
                "error", {"title": "Stopped", "detail": "the deadline has passed", "fix": "ask for fewer tokens"}
            )
            return
    yield event("end", {"reason": "length", "tokens": tokens})


def event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content)}\n\n"


def probabilities(labels: tuple[str, ...], text: str, number: int) -> list[dict[str, Any]]:
    raw = [math.exp(2.5 * math.sin(len(text) * 0.7 + place * 2.1 + number)) for place in range(len(labels))]
    return [{"label": label, "probability": one / sum(raw)} for label, one in zip(labels, raw, strict=True)]


def words_of(text: str) -> list[dict[str, Any]]:
    return [{"text": found[0], "start": found.start(), "end": found.end()} for found in WORD.finditer(text)]


def influences(text: str) -> list[dict[str, Any]]:
    return [{**word, "influence": 0.6 * math.sin(3.3 * place) ** 3} for place, word in enumerate(words_of(text))]


def fill_mask(body: dict[str, Any], number: int) -> dict[str, Any]:
    guesses = ["protect", "serve", "remember", "trust", "lead"]
    shares = [0.42, 0.21, 0.11, 0.06, 0.03]
    found = [
        {"token": word, "probability": share / (1 + number / 4)} for word, share in zip(guesses, shares, strict=True)
    ]
    return {"masks": [found for _ in re.findall(r"\[mask\]|<mask>", body["text"], re.IGNORECASE)]}


def nli(body: dict[str, Any], number: int) -> dict[str, Any]:
    premise, hypothesis = body["premise"], body["hypothesis"]
    found = {"labels": probabilities(CLASSES, premise + hypothesis, number), "cosine": 0.81 - 0.1 * number}
    return {**found, "premise_words": influences(premise), "hypothesis_words": influences(hypothesis)}


def classify(body: dict[str, Any], number: int) -> dict[str, Any]:
    return {"labels": probabilities(("negative", "positive"), body["text"], number), "words": influences(body["text"])}


def tag(body: dict[str, Any], number: int) -> dict[str, Any]:
    words = words_of(body["text"])
    tagged = [{**word, "tag": TAGS[place % len(TAGS)], "probability": 0.9} for place, word in enumerate(words)]
    names = [{"type": "PER", **word} for word in words if word["text"].istitle()] if number == 0 else []
    return {"words": tagged, "entities": names}


def next_token(body: dict[str, Any], number: int) -> dict[str, Any]:
    return {"tokens": fill_mask({"text": "[MASK]"}, number)["masks"][0][: body["top_k"]]}


def score(body: dict[str, Any], number: int) -> dict[str, Any]:
    words = [
        {**word, "log_probability": -1.5 - 4 * math.sin(place * 1.7 + number) ** 2 if place else None}
        for place, word in enumerate(words_of(body["text"]))
    ]
    return {"measure": "log-probability", "log_probability": -20.0, "tokens": words, "words": words}


def translate(body: dict[str, Any], number: int) -> dict[str, Any]:
    source = [word["text"] for word in words_of(body["text"])]
    return {
        "translation": " ".join(reversed(source)), "source": source, "target": source[::-1],
        "attention": [row[::-1] for row in matrix(len(source), 0.0)],
    }  # fmt: skip


def attention(body: dict[str, Any], number: int) -> dict[str, Any]:
    tokens = [word["text"] for word in words_of(body["text"])]
    layers = [] if number == 1 else [
        {"name": f"{layer + 1} attention", "heads": [matrix(len(tokens), 0.7 * head + layer) for head in range(4)]}
        for layer in range(3)
    ]  # fmt: skip
    return {"tokens": tokens, "second_tokens": [], "layers": layers}


def influence(body: dict[str, Any], number: int) -> dict[str, Any]:
    tokens = [word["text"] for word in words_of(body["text"])]
    if "second" in body:
        others = [word["text"] for word in words_of(body["second"])]
        rows = [[0.4 * math.sin(2.3 * i + 1.7 * j + number) for j in range(len(others))] for i in range(len(tokens))]
        return {"tokens": tokens, "second_tokens": others, "matrix": rows}
    return {
        "tokens": tokens,
        "second_tokens": [],
        "matrix": [[cell / (1 + number) for cell in row] for row in matrix(len(tokens), 0.0)],
    }


def matrix(length: int, shift: float) -> list[list[float]]:
    rows = [[math.exp(-abs(row - column + shift) / 1.3) for column in range(length)] for row in range(length)]
    return [[cell / sum(row) for cell in row] for row in rows]


ANSWERS = {
    "fill-mask": fill_mask, "nli": nli, "classify": classify, "tag": tag, "score": score, "translate": translate,
    "attention": attention, "influence": influence, "next": next_token,
}  # fmt: skip
