"""The words that recipes and modules share, each written down once."""

from typing import Literal

Sees = Literal["past", "both"]
BlockStyle = Literal["pre", "post", "bare"]
Merge = Literal["sum", "gate", "concat"]
PositionKind = Literal["none", "learned", "learned-sinusoid", "sinusoid", "rotary", "distance"]
Activation = Literal["gelu", "relu", "silu"]
TokenizerKind = Literal["words", "wordpiece", "bpe", "char"]
CorpusKind = Literal["text", "label", "pair", "score", "tags", "translation", "contrast"]
Asks = Literal["masks", "next", "classes", "tags", "pair", "translation", "nothing"]
Pack = Literal["windows", "sentences", "examples"]
OptimiserName = Literal["adamw", "muon"]
Decay = Literal["constant", "linear", "cosine"]
Precision = Literal["auto", "fp32", "bf16"]
CompileMode = Literal["none", "default", "reduce-overhead"]
Keep = Literal["last", "best"]
