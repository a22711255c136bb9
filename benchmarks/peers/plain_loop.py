"""The same layers in plain torch: what a careful person writes on one page. Masked positions only, no dropout."""

import numpy as np
import torch
from rows import load, masked
from torch import Tensor, nn
from torch.nn import functional as F
from turns import Turns, settings, versions

WARM_UP = 2


class Plain(nn.Module):
    """Token and position vectors, a Transformer, an LSTM that reads both ways, or the sum of both."""

    def __init__(self, kind: str, sizes: dict[str, int]) -> None:
        super().__init__()
        width = sizes["width"]
        self.words = nn.Embedding(sizes["vocabulary"], width)
        self.places = nn.Embedding(sizes["length"], width)
        layer = nn.TransformerEncoderLayer(
            width, sizes["heads"], 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        attention, lstm = "attention" in kind, "lstm" in kind
        self.transformer = (
            nn.TransformerEncoder(layer, sizes["layers"], enable_nested_tensor=False) if attention else None
        )
        self.lstm = nn.LSTM(width, width // 2, 2, batch_first=True, bidirectional=True) if lstm else None
        self.scores = nn.Linear(width, sizes["vocabulary"])
        self.scores.weight = self.words.weight

    def forward(self, ids: Tensor, mask: Tensor, chosen: Tensor) -> Tensor:
        """Scores of the chosen positions, (N, V)."""
        embedded = self.words(ids)
        hidden = torch.zeros_like(embedded)
        if self.transformer is not None:
            placed = embedded + self.places.weight[: ids.shape[1]]
            hidden = hidden + self.transformer(placed, src_key_padding_mask=~mask)
        if self.lstm is not None:
            hidden = hidden + self.lstm(embedded)[0]
        scores: Tensor = self.scores(hidden[chosen])
        return scores


def main() -> None:
    """Trains until the benchmark ends."""
    asked = settings()
    rows, generator = load(asked["rows"]), np.random.default_rng(0)
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Plain(asked["encoder"], asked["sizes"]).to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    turns, step = Turns(), 0
    while True:
        some = generator.integers(len(rows.ids), size=asked["batch"])
        longest = int(rows.lengths[some].max())
        inputs, labels = masked(rows.ids[some, :longest], rows.lengths[some], generator, asked["sizes"])
        ids, wanted = torch.from_numpy(inputs).to(device), torch.from_numpy(labels).to(device)
        mask = torch.from_numpy(np.arange(longest)[None] < rows.lengths[some, None]).to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=asked["precision"] == "bf16"):
            loss = F.cross_entropy(model(ids, mask, wanted != -100).float(), wanted[wanted != -100])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        loss.item()
        step += 1
        if step > WARM_UP:
            turns.step(int(rows.lengths[some].sum()))
        elif step == WARM_UP:
            turns.begin(versions("torch"))


if __name__ == "__main__":
    main()
