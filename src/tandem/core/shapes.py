"""The legend of shapes, used in annotations and as suffixes of tensor names.

B batch · T tokens · S source tokens · U tokens of a second text · D width · H heads · E width of one head
V vocabulary · K classes · N chosen positions · L letters of a word
C sequences, or pairs of them, that are judged as wholes
"""

from jaxtyping import Bool, Float, Int64
from torch import Tensor

Hidden = Float[Tensor, "B T D"]
BothHidden = Float[Tensor, "B T 2*D"]
HiddenStep = Float[Tensor, "B D"]
TokenIds = Int64[Tensor, "B T"]
TokenMask = Bool[Tensor, "B T"]
RowMask = Bool[Tensor, " B"]
Places = Int64[Tensor, " N"]
Labels = Int64[Tensor, " N"]
Letters = Int64[Tensor, "N L"]
Classes = Int64[Tensor, " C"]
Values = Float[Tensor, " C"]
Pooled = Float[Tensor, "B D"]
Chosen = Float[Tensor, "N D"]
ChosenRow = Float[Tensor, "1 N D"]
Scores = Float[Tensor, "N V"]
TagScores = Float[Tensor, "N K"]
ClassScores = Float[Tensor, "B K"]
AttentionWeights = Float[Tensor, "B H T T"]
SecondIds = Int64[Tensor, "B U"]
TargetIds = Int64[Tensor, "B T"]
Target = Float[Tensor, "B T D"]
RowIds = Int64[Tensor, " B"]
Memory = Float[Tensor, "B S D"]
MemoryMask = Bool[Tensor, "B S"]
HeadVectors = Float[Tensor, "B H S E"]
Alignment = Float[Tensor, "B T S"]
CrossWeights = Float[Tensor, "B H T S"]
Scalar = Float[Tensor, ""]
