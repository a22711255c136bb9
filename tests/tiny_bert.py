"""A small BERT with random weights, saved as the transformers library saves it."""

from pathlib import Path
from typing import Any

import pytest

LETTERS = [
    *"abcdefghijklmnopqrstuvwxyz0123456789.!",
    *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"),
]
VOCABULARY = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "wind", "day", "blows", *LETTERS]
SIZES: dict[str, Any] = {
    "vocab_size": len(VOCABULARY) + 2, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4,
    "intermediate_size": 40, "max_position_embeddings": 20,
}  # fmt: skip


def bert_in(folder: Path, **sizes: Any) -> Path:
    """Saves one, with noise in every parameter, and its vocabulary; returns the folder."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(5)
    model = transformers.BertModel(transformers.BertConfig(**{**SIZES, **sizes}))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    return folder
