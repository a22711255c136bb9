"""The page that explains an exported folder to whoever finds it."""

from pathlib import Path

from tandem.interop.causal import TandemForCausalLM
from tandem.interop.headed import TandemForMaskedLM, TandemForSequenceClassification, TandemForTokenClassification
from tandem.interop.pretrained import TandemModel, TandemPreTrainedModel
from tandem.lab.folder import OpenRun
from tandem.nn.pair_heads import CrossHead

PIPELINES: dict[type[TandemPreTrainedModel], str] = {
    TandemForMaskedLM: "fill-mask",
    TandemForCausalLM: "text-generation",
    TandemForSequenceClassification: "text-classification",
    TandemForTokenClassification: "token-classification",
    TandemModel: "feature-extraction",
}
TWO_TEXTS = 'ask({"text": "A cat sits on the mat.", "text_pair": "An animal rests."}, truncation=True)'
CALLS = {
    "fill-mask": 'ask(f"We must not {ask.tokenizer.mask_token} the people.")',
    "text-generation": 'ask("We must", max_new_tokens=20)',
    "text-classification": 'ask("It was a joy from the first page to the last.", truncation=True)',
    "token-classification": 'ask("The wind blows from the north.")',
    "feature-extraction": 'ask("The wind blows from the north.")',
}


def snippet(run: OpenRun, kind: type[TandemPreTrainedModel], folder: Path, *, to: str) -> str:
    """What to type to load the folder and to ask it something."""
    if to == "sentence-transformers":
        return (
            "import tandem.interop.sentence_transformers\n"
            "from sentence_transformers import SentenceTransformer\n\n"
            f'model = SentenceTransformer("{folder}")\n'
            'model.encode(["The wind blows from the north.", "It was a joy."])\n'
        )
    task = PIPELINES[kind]
    return (
        "import tandem.interop.transformers\n"
        "from transformers import pipeline\n\n"
        f'ask = pipeline("{task}", model="{folder}")\n'
        f"{TWO_TEXTS if isinstance(run.model.head, CrossHead) else CALLS[task]}\n"
    )


def card(run: OpenRun, kind: type[TandemPreTrainedModel], usage: str, *, to: str) -> str:
    """The content of `README.md`: what the model is, what it scores, and how it is loaded."""
    recipe, result = run.recipe, run.folder.read_json(run.folder.scores, "scores", "unit", "parameters")
    task = "sentence-similarity" if to == "sentence-transformers" else PIPELINES[kind]
    rows = "".join(
        f"| {split} | {name} | {value:.4f} |\n"
        for split, scores in result["scores"].items()
        for name, value in {**{name: scores[name] for name in ("loss", "accuracy")}, **scores.get("more", {})}.items()
    )
    parameters = sum(result["parameters"].values())
    alone = "The encoder is here without its head.\n\n" if kind is TandemModel else ""
    return (
        f"---\nlibrary_name: {to}\npipeline_tag: {task}\ntags:\n- tandem\n---\n\n"
        f"# {run.model.encoder.layout}\n\n"
        f"An encoder of {parameters:,} parameters (head included), trained by Tandem for the task `{recipe.task}`, "
        f"seed {recipe.seed}, on sequences of at most {recipe.data.length} tokens.\n\n{alone}"
        f"| split | score | value |\n| --- | --- | --- |\n{rows}\n"
        f"The loss is in {result['unit']}.\n\n"
        f"Loading it needs the package tandem beside {to}:\n\n```python\n{usage}```\n"
    )
