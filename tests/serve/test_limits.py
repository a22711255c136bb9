"""Every limit at -1, at itself and one beyond, at 2^63 and at what is no number; and whatever else is sent."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.serve import api, limits
from tandem.serve.cost import checked_cost
from tandem.serve.problems import Problem
from tandem.serve.questions import FillMask, OneText, Translate

Talk = Callable[..., Any]
NUMBERS: list[tuple[str, str, float, float]] = [
    ("fill-mask", "top_k", 1, limits.TOP_K),
    ("generate", "tokens", 1, limits.GENERATED_TOKENS),
    ("generate", "temperature", 0, limits.TEMPERATURE),
    ("generate", "top_k", 1, limits.SAMPLED_TOP_K),
    ("generate", "temperature", 0, 5e-324),
    ("generate", "temperature", 0, 1e-310),
    ("generate", "top_p", 5e-324, 1),
    ("generate", "top_p", 1e-310, 1),
    ("generate", "seed", 0, limits.SEED),
    ("translate", "beam", 1, limits.BEAM),
]
TEXTS = {"fill-mask": "a [MASK]", "generate": "day", "translate": "a b"}


@pytest.mark.parametrize(("action", "field", "low", "high"), NUMBERS)
def test_every_number_ends_where_it_says(talk: Talk, action: str, field: str, low: float, high: float) -> None:
    bad = ["-1", str(2**63), "NaN", "Infinity", "-Infinity", "1e400", '"1"', "true", "[1]", "9" * 5000]
    if low:
        bad.append("0")
    if high >= 1:
        bad.append(str(high + 1))

    async def send(client: Any) -> list[Any]:
        bodies = [f'{{"text": "{TEXTS[action]}", "{field}": {value}}}' for value in (*bad, low, high)]
        headers = {"Content-Type": "application/json"}
        return [await client.post(f"/api/v1/{action}", content=body, headers=headers) for body in bodies]

    *refused, lowest, highest = talk(send)
    for value, answer in zip(bad, refused, strict=True):
        assert answer.status_code in (400, 422), (value, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        if answer.status_code == 422:
            assert field in answer.json()["detail"]
    for answer in (lowest, highest):
        assert answer.status_code == 200, answer.text
        assert "event: error" not in answer.text


@pytest.mark.parametrize("characters", [limits.TEXT_CHARACTERS, limits.TEXT_CHARACTERS + 1])
@pytest.mark.parametrize(
    ("action", "field"), [("tag", "text"), ("nli", "premise"), ("nli", "hypothesis"), ("similarity", "second")]
)
def test_a_text_has_at_most_so_many_characters(talk: Talk, action: str, field: str, characters: int) -> None:
    others = {"tag": {}, "nli": {"premise": "a", "hypothesis": "a"}, "similarity": {"first": "a"}}[action]
    question = {**others, field: ("day " * characters)[:characters]}
    answer = talk(lambda client: client.post(f"/api/v1/{action}", json=question))
    if characters > limits.TEXT_CHARACTERS:
        assert answer.status_code == 422
        assert f"{field}: " in answer.json()["detail"]
    else:
        # 2,500 words are more than 2,048 tokens.
        assert answer.status_code == 413
        assert "2048" in answer.json()["detail"]


@pytest.mark.parametrize("size", [limits.BODY_BYTES, limits.BODY_BYTES + 1])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_has_at_most_so_many_bytes(talk: Talk, size: int, declared: bool) -> None:
    body = b'{"text": "day"}'.ljust(size)

    async def parts() -> Any:
        yield body[:1000]
        yield body[1000:]

    content = body if declared else parts()
    headers = {"Content-Type": "application/json"}
    answer = talk(lambda client: client.post("/api/v1/tag", content=content, headers=headers))
    assert answer.status_code == (200 if size == limits.BODY_BYTES else 413)


def test_what_a_model_would_read_is_bounded(served: list[Any]) -> None:
    mlm = next(one for one in served if one.id == "mlm")
    assert checked_cost(mlm, "score", OneText(text="wind " * 255)) <= limits.REQUEST_TOKENS
    with pytest.raises(Problem, match="positions"):
        checked_cost(mlm, "score", OneText(text="wind " * 257))
    with pytest.raises(Problem, match="at most 2048"):
        checked_cost(mlm, "embed", OneText(text="a " * (limits.TEXT_TOKENS + 1)))
    assert checked_cost(mlm, "embed", OneText(text="a " * limits.TEXT_TOKENS)) == limits.TEXT_TOKENS + 1


def test_a_long_text_is_cut_into_tokens_where_it_holds_up_nobody(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def watched(*asked: Any) -> int:
        threads.append(threading.current_thread())
        return checked_cost(*asked)

    async def several(client: Any) -> list[int]:
        texts = ("day", "day " * 250, "day " * 260)
        return [(await client.post("/api/v1/tag", json={"text": text})).status_code for text in texts]

    monkeypatch.setattr(api, "checked_cost", watched)
    assert talk(several) == [200] * 3
    assert [thread is threading.main_thread() for thread in threads] == [True, True, False]


def test_what_an_answer_holds_is_counted_and_bounded(served: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    models = {one.id: one for one in served}
    mlm, frame = models["mlm"], models["mlm"].run.objective.frame.size
    assert mlm.attention_heads == 4
    numbers = 4 * (100 + frame) ** 2
    assert checked_cost(mlm, "attention", OneText(text="wind " * 100)) == 101 + numbers // limits.NUMBERS_A_POSITION
    monkeypatch.setattr(limits, "REPLY_NUMBERS", numbers)
    with pytest.raises(Problem, match="101 tokens") as refused:
        checked_cost(mlm, "attention", OneText(text="wind " * 101))
    assert refused.value.status == 413
    assert refused.value.fix == "ask about at most 100 tokens"
    one, many = (checked_cost(mlm, "fill-mask", FillMask(text="wind [MASK]", top_k=top)) for top in (1, 100))
    assert many - one == 99
    short, long = (checked_cost(models["translate"], "translate", Translate(text="a", beam=beam)) for beam in (1, 10))
    assert long - short == 9 * min(6, 10)


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"text"', "[" * 50_000, '{"text": "\\ud800"}', '{"text": 1}', '{"text": "a", "text2": 1}',
     '{"text": "a", "model": 5}', '{"text": "a", "model": "' + "m" * 501 + '"}', "\xff\xfe", '{"text": null}'],
)  # fmt: skip
def test_what_is_no_question_is_refused(talk: Talk, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = talk(lambda client: client.post("/api/v1/tag", content=body.encode("latin-1"), headers=headers))
    assert answer.status_code in (400, 422)
    assert answer.json()["fix"]


@pytest.mark.parametrize("body", ['{"text": "a", "text": "b"}', '{"text": "a", "model": {"x": 1, "x": 1}}'])
def test_nothing_is_said_twice(talk: Talk, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = talk(lambda client: client.post("/api/v1/tag", content=body, headers=headers))
    assert answer.status_code == 400
    assert answer.json()["detail"] == "the body is no JSON: a key stands twice in an object"


@pytest.mark.parametrize(
    ("action", "question", "fix"),
    [
        ("fill-mask", {"text": "[MASK]", "top_k": 101}, "top_k should be less than or equal to 100"),
        ("fill-mask", {"top_k": 0, "top": 1}, "send text; top_k should be greater than or equal to 1; leave out top"),
        ("tag", {"text": "a" * 10_001}, "text should have at most 10000 characters"),
        ("tag", {"text": 5}, "text should be a valid string"),
        ("fill-mask", {"text": "one; two"}, "write [MASK] where a word is to be guessed"),
        ("influence", {"text": "; "}, "write one"),
    ],
)
def test_every_mistake_is_told_with_what_to_do(talk: Talk, action: str, question: dict[str, Any], fix: str) -> None:
    answer = talk(lambda client: client.post(f"/api/v1/{action}", json=question))
    assert (answer.status_code, answer.json()["fix"]) == (422, fix)


def test_a_wrong_method_is_told_the_right_one(talk: Talk) -> None:
    answer = talk(lambda client: client.get("/api/v1/tag"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["fix"].startswith("send it as POST; ")


def test_a_form_is_no_question(talk: Talk) -> None:
    headers = {"Content-Type": "text/plain"}
    answer = talk(lambda client: client.post("/api/v1/tag", content=b'{"text": "a"}', headers=headers))
    assert answer.status_code == 422


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """`usual` three times in four; a strategy that stands twice in a union counts once."""
    return st.integers(0, 3).flatmap(lambda turn: usual if turn else other)


LEGAL = st.sampled_from(["a b [MASK]", "day; [MASK] 7"])
WRITTEN = mostly(LEGAL, st.sampled_from(["wind " * 200, " ", "a" * limits.TEXT_CHARACTERS]) | st.text())


def around(low: float, high: float) -> st.SearchStrategy[Any]:
    """Numbers at both ends, beside them, and mostly between."""
    if isinstance(low, int) and isinstance(high, int):
        return mostly(st.integers(low, high), st.sampled_from([low - 1, low, low + 1, high - 1, high, high + 1]))
    return mostly(st.floats(low, high), st.sampled_from([low, high, -5e-324, 5e-324, 1e-310]))


def asked(action: str, *texts: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Questions with the fields that they have; now and then something else stands in one of them."""
    fields: dict[str, Any] = {field: around(low, high) for one, field, low, high in NUMBERS if one == action}
    if action in ("classify", "nli"):
        fields["words"] = st.booleans()
    legal = st.fixed_dictionaries(dict.fromkeys(texts, WRITTEN), optional=fields)
    wrong = st.dictionaries(st.sampled_from([*texts, *fields, "model", "other"]), VALUES, min_size=1, max_size=1)
    return st.tuples(st.just(action), mostly(legal, st.builds(lambda one, other: {**one, **other}, legal, wrong)))


ASKED = st.one_of(
    *(asked(action, "text") for action in ("fill-mask", "generate", "score", "classify", "tag", "embed", "translate")),
    asked("attention", "text"), asked("influence", "text"), asked("nli", "premise", "hypothesis"),
    asked("similarity", "first", "second"),
)  # fmt: skip


def test_no_question_breaks_the_server(talk: Talk) -> None:
    statuses = Counter[int]()

    @settings(max_examples=80, deadline=None, database=None)
    @given(question=ASKED)
    def ask(question: tuple[str, dict[str, Any]]) -> None:
        action, body = question
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = talk(lambda client: client.post(f"/api/v1/{action}", content=content, headers=headers))
        assert answer.status_code in (200, 400, 404, 409, 413, 422), answer.text
        assert "event: error" not in answer.text
        statuses[answer.status_code] += 1

    ask()
    assert statuses[200] > 0.2 * statuses.total(), statuses
