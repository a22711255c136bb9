"""What each action answers, and that it is what the lab says."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tandem.lab.classify import classify
from tandem.lab.embed import embed, num_layers
from tandem.lab.fill_mask import fill_mask
from tandem.lab.generate import Sampling, generate
from tandem.lab.look import look
from tandem.lab.nli import infer
from tandem.lab.scoring.scorer import score_text
from tandem.lab.similarity import compare
from tandem.lab.tag import tag
from tandem.lab.text_pairs import TextPair
from tandem.lab.texts import Placed
from tandem.serve.served import Served

Post = Callable[..., Any]
TEXT = "The spring wind blows. We wait."


@pytest.fixture
def post(talk: Callable[..., Any]) -> Post:
    """`post("classify", text="...")` posts one question and returns the answer."""

    def ask(action: str, **question: Any) -> Any:
        return talk(lambda client: client.post(f"/api/v1/{action}", json=question))

    return ask


@pytest.fixture
def run(served: list[Served]) -> Any:
    by_id = {one.id: one.run for one in served}
    return by_id.__getitem__


def test_models_say_what_they_are_and_can(talk: Any) -> None:
    found = talk(lambda client: client.get("/api/v1/models")).json()["models"]
    can = {model["id"]: set(model["can"]) for model in found}
    assert {"fill-mask", "next", "generate", "score", "attention", "influence", "embed", "similarity"} == can["mlm"]
    assert "attention" not in can["clm"]
    assert {"next", "generate", "score"} <= can["clm"]
    assert "classify" in can["classify"]
    assert "tag" in can["tag"]
    assert "nli" in can["siamese"]
    assert "nli" not in can["cross"]
    assert "translate" in can["translate"]
    assert {model["id"]: model["labels"] for model in found}["classify"] == ["cold", "warm"]
    assert all(model["parameters"] > 0 and model["scores"]["loss"] > 0 for model in found)


def test_masks_are_filled_as_on_the_command_line(post: Post, run: Any) -> None:
    found = post("fill-mask", model="mlm", text="The [MASK] wind <mask>.", top_k=3).json()
    expected = fill_mask(run("mlm").model, run("mlm").objective, "The [MASK] wind <mask>.", top=3)
    assert [[one["token"] for one in mask] for mask in found["masks"]] == [[g.token for g in m] for m in expected]
    assert found["masks"][1][0]["probability"] == pytest.approx(expected[1][0].probability, abs=1e-5)


def test_what_comes_next_is_told_by_causal_and_masked_models(post: Post, run: Any) -> None:
    clm = run("clm")
    found = post("next", model="clm", text="The spring", top_k=3).json()["tokens"]
    greedy = generate(clm, "The spring", tokens=1, sampling=Sampling(temperature=0.0))
    assert found[0]["token"].replace("Ġ", " ") == "".join(greedy)
    shares = [one["probability"] for one in post("next", model="clm", text="", top_k=100).json()["tokens"]]
    assert shares == sorted(shares, reverse=True)
    assert 0.1 < sum(shares) <= 1.001
    masked = post("next", model="mlm", text="The spring", top_k=2).json()["tokens"]
    assert masked == post("fill-mask", model="mlm", text="The spring [MASK]", top_k=2).json()["masks"][0]
    assert post("next", model="classify", text="The spring").status_code == 409


@pytest.mark.parametrize("model", ["mlm", "clm"])
def test_a_text_is_scored(post: Post, run: Any, model: str) -> None:
    found = post("score", model=model, text=TEXT).json()
    expected = score_text(run(model).model, run(model).objective, TEXT)
    assert found["log_probability"] == pytest.approx(expected.total)
    assert [word["text"] for word in found["words"]] == TEXT.split()
    assert all(TEXT[token["start"] : token["end"]] == token["text"] for token in found["tokens"])
    told = [token["log_probability"] for token in found["tokens"] if token["log_probability"] is not None]
    assert math.fsum(told) == pytest.approx(expected.total)


def test_classes_and_the_words_that_matter(post: Post, run: Any) -> None:
    found = post("classify", text="day 7 is warm", words=True).json()
    (expected,) = classify(run("classify"), [Placed("", "day 7 is warm")])
    assert [label["label"] for label in found["labels"]] == ["cold", "warm"]
    assert [one["probability"] for one in found["labels"]] == pytest.approx(expected.probabilities, abs=1e-5)
    assert [word["text"] for word in found["words"]] == ["day", "7", "is", "warm"]
    best = max(range(2), key=expected.probabilities.__getitem__)
    (without,) = classify(run("classify"), [Placed("", "day 7 is")])
    assert found["words"][3]["influence"] == pytest.approx(
        expected.probabilities[best] - without.probabilities[best], abs=1e-5
    )
    assert post("classify", text="day 7 is warm").json()["words"] == []


@pytest.mark.parametrize(
    ("action", "question", "end"),
    [
        ("classify", {"text": "day 7 is warm"}, {"text": "day " * 40}),
        ("nli", {"premise": "day 7", "hypothesis": "it is"}, {"premise": "day 7", "hypothesis": "is " * 60}),
        ("similarity", {"model": "cross", "first": "day 7", "second": "it is"}, {"first": "is " * 60}),
    ],
)
def test_what_is_not_read_to_its_end_is_said(
    post: Post, action: str, question: dict[str, Any], end: dict[str, str]
) -> None:
    assert [post(action, **{**question, **more}).json()["cut"] for more in ({}, end)] == [False, True]


def test_tags_and_names(post: Post, run: Any) -> None:
    found = post("tag", text="day 7 blows").json()
    expected = tag(run("tag").model, run("tag").objective, "day 7 blows")
    assert [(w["text"], w["tag"]) for w in found["words"]] == [(w.text, w.tag) for w in expected.words]
    assert [(e["type"], e["text"]) for e in found["entities"]] == [(e.type, e.text) for e in expected.entities]


def test_pairs_are_judged_and_compared(post: Post, run: Any) -> None:
    pair = TextPair("", "day 7 is warm", "it is cold")
    found = post("nli", premise=pair.first, hypothesis=pair.second, words=True).json()
    (expected,) = infer(run("siamese"), [pair])
    assert [one["probability"] for one in found["labels"]] == pytest.approx(expected.probabilities, abs=1e-5)
    assert found["cosine"] == pytest.approx(expected.cosine, abs=1e-5)
    assert [word["text"] for word in found["premise_words"]] == pair.first.split()
    assert [word["text"] for word in found["hypothesis_words"]] == pair.second.split()
    alike = post("similarity", model="cross", first=pair.first, second=pair.second).json()
    (expected_alike,) = compare(run("cross"), [pair])
    assert alike["score"] == pytest.approx(expected_alike.score, abs=1e-4)
    assert post("similarity", model="mlm", first="a", second="wind").json()["score"] is None


def test_vectors_attention_and_influence(post: Post, run: Any) -> None:
    mlm = run("mlm")
    expected = embed(mlm, TEXT, layer=num_layers(mlm) - 1)
    found = post("embed", model="mlm", text=TEXT).json()
    assert found["width"] == len(found["vector"]) == 16
    assert found["vector"] == pytest.approx(expected.pooled.tolist(), abs=1e-5)
    seen = look(mlm.model, mlm.objective, TEXT)
    attention = post("attention", model="mlm", text=TEXT).json()
    assert attention["tokens"] == list(seen.tokens)
    assert [layer["name"] for layer in attention["layers"]] == [layer.name for layer in seen.attention]
    shown = attention["layers"][0]["heads"][0][1]
    assert shown == pytest.approx(seen.attention[0].weights[0, 0, 1].tolist(), rel=5e-5)
    assert all(number == float(f"{number:.5g}") for number in shown)
    influence = post("influence", model="mlm", text=TEXT).json()
    assert influence["matrix"][0] == pytest.approx(seen.influence[0].tolist(), rel=5e-5)


def test_words_of_two_texts_are_told_together(post: Post) -> None:
    premise, hypothesis = "All dogs swim", "No dogs swim"
    found = post("influence", model="siamese", text=premise, second=hypothesis).json()
    assert (found["tokens"], found["second_tokens"]) == (premise.split(), hypothesis.split())
    told = [
        [one["probability"] for one in post("nli", model="siamese", premise=one, hypothesis=other).json()["labels"]]
        for one in (premise, "All swim")
        for other in (hypothesis, "dogs swim")
    ]
    best = told[0].index(max(told[0]))
    whole, no_second, no_first, neither = (shares[best] for shares in told)
    assert found["matrix"][1][0] == pytest.approx(whole - no_first - no_second + neither, abs=1e-5)
    attention = post("attention", model="cross", text="day 7", second="it is cold").json()
    rows = [row for layer in attention["layers"] for head in layer["heads"] for row in head]
    assert {len(row) for row in rows} == {len(attention["second_tokens"])}
    assert all(0 < sum(row) < 1 for row in rows)
    for model, said in (("siamese", "in one row"), ("cross", "no classes of pairs"), ("mlm", "no classes of pairs")):
        refused = post("attention" if model == "siamese" else "influence", model=model, text="a", second="b")
        assert said in refused.json()["detail"] or refused.status_code == 409
        assert "/" not in refused.json()["detail"]


def test_a_translation_comes_with_its_alignment(post: Post) -> None:
    assert post("translate", text="a b zebra", beam=2).json()["unknown"] == 1
    found = post("translate", text="a b", beam=2).json()
    assert found["source"] == ["a", "b"]
    assert len(found["attention"]) == len(found["target"])
    assert all(sum(row) == pytest.approx(1, abs=1e-4) and len(row) == 2 for row in found["attention"])


@pytest.mark.parametrize("model", ["mlm", "clm"])
def test_a_text_goes_on_piece_by_piece(post: Post, run: Any, model: str) -> None:
    answer = post("generate", model=model, text="The spring", tokens=12, seed=3)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n", 1) for block in answer.text.strip().split("\n\n")]
    data = [(name.removeprefix("event: "), json.loads(body.removeprefix("data: "))) for name, body in events]
    expected = list(generate(run(model), "The spring", tokens=12, sampling=Sampling(seed=3, top_p=1.0)))
    assert [content["text"] for name, content in data if name == "piece"] == expected
    assert data[-1][0] == "end"
    assert data[-1][1]["reason"] in ("tokens", "end")
    assert 0 <= data[-1][1]["tokens"] <= 12


def test_runs_tell_their_curves(talk: Any) -> None:
    found = {run["id"]: run for run in talk(lambda client: client.get("/api/v1/runs")).json()["runs"]}
    assert {"mlm", "clm"} <= found.keys()
    assert found["mlm"]["finished"]
    assert found["mlm"]["flops_per_token"] > 0
    assert [point["step"] for point in found["mlm"]["curve"]] == sorted(p["step"] for p in found["mlm"]["curve"])
    assert found["mlm"]["curve"][-1]["loss"] > 0


def test_runs_that_are_as_they_were_are_not_sent_again(talk: Any) -> None:
    async def several(client: Any) -> list[Any]:
        first = await client.get("/api/v1/runs")
        tags = (first.headers["etag"], '"another"')
        return [first, *[await client.get("/api/v1/runs", headers={"If-None-Match": tag}) for tag in tags]]

    first, same, other = talk(several)
    assert [first.status_code, same.status_code, other.status_code] == [200, 304, 200]
    assert (same.content, other.content) == (b"", first.content)
    assert same.headers["cache-control"] == "no-cache"


def test_runs_tell_all_their_scores_and_where_they_were_measured(talk: Any) -> None:
    found = {run["id"]: run for run in talk(lambda client: client.get("/api/v1/runs")).json()["runs"]}
    assert found["clm"]["unit"] == "nats per token"
    assert found["clm"]["split"] == "test"
    assert found["clm"]["scores"]["perplexity"] == pytest.approx(math.exp(found["clm"]["scores"]["loss"]), rel=1e-6)
    assert "macro F1" in found["classify"]["scores"]


def test_a_report_tells_what_stands_in_known_files_and_no_others(
    talk: Any, run_folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = run_folders["classify"]
    (folder / "README.md").write_text("# a card", encoding="utf-8")
    labels = {"labels": ["cold", "warm"], "counts": [[2, 1], [0, 3]]}
    (folder / "report.json").write_text(json.dumps({"test": {"classes": {}, "confusion": labels}}), encoding="utf-8")

    def report(name: str) -> Any:
        return talk(lambda client: client.get("/api/v1/report", params={"run": name}))

    found = report("classify").json()
    assert found["run"]["id"] == "classify"
    assert found["documents"] == [{"title": "Card", "text": "# a card"}]
    assert found["confusions"] == [{"split": "test", **labels}]
    (folder / "report.json").write_text('{"test": 3}', encoding="utf-8")
    assert report("classify").json()["confusions"] == []
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to(tmp_path / "secret")
    assert report("classify").json()["documents"] == []
    for name in ("", "..", "../classify", "/etc", str(folder), "classify/../mlm", "nobody"):
        assert report(name).status_code == 404
    (folder / "README.md").unlink()
    (folder / "report.json").unlink()


def test_a_browser_that_asks_for_no_page_gets_one_and_a_program_a_problem(talk: Any) -> None:
    def asked(path: str, accept: str) -> Any:
        return talk(lambda client: client.get(path, headers={"Accept": accept}))

    page = asked("/nowhere", "text/html,*/*")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/agree"' in page.text
    for path, accept in (
        ("/nowhere", "application/json"),
        ("/api/v1/nowhere", "text/html"),
        ("/static/no.js", "text/html"),
    ):
        assert asked(path, accept).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("action", "question", "status", "said"),
    [
        ("fill-mask", {"text": "no mask here"}, 422, "holds no mask"),
        ("classify", {"text": "  "}, 422, "no word"),
        ("classify", {"text": "a", "model": "nobody"}, 404, "no model"),
        ("classify", {"text": "a", "model": "mlm"}, 409, "cannot classify"),
        ("nli", {"premise": "", "hypothesis": "x"}, 422, "first text is empty"),
        ("translate", {"text": "a b a b a b a b"}, 422, "at most 6"),
        ("attention", {"text": "wind " * 200}, 422, "at most 128"),
        ("influence", {"text": ""}, 422, "no word"),
        ("generate", {"text": "", "model": "mlm"}, 422, "at least one word"),
        ("embed", {"text": ""}, 422, "no token"),
        ("score", {"text": "wind " * 300, "model": "mlm"}, 413, "positions"),
        ("score", {"text": "wind " * 40, "model": "learned"}, 422, "learned positions end at"),
        ("tag", {"text": "x", "top": 1}, 422, "Extra inputs"),
        ("fill-mask", {"text": "[MASK] " * 33}, 413, "33 masks"),
    ],
)
def test_a_refusal_is_a_problem_that_says_how_to_fix_it(
    post: Post, action: str, question: dict[str, Any], status: int, said: str
) -> None:
    answer = post(action, **question)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "fix"}
    assert said in problem["detail"]
    assert problem["fix"]
