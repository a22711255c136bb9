"""The names that columns usually have, by what they hold; of several, the first one present is taken."""

WORDS = ("tokens", "words")
TAGS = ("tags", "ner_tags", "upos", "pos_tags", "pos", "ner", "xpos", "chunk_tags")
PAIRS = (
    ("premise", "hypothesis"), ("sentence1", "sentence2"), ("sentence_1", "sentence_2"), ("sentence_a", "sentence_b"),
    ("text1", "text2"), ("text_1", "text_2"), ("text_a", "text_b"), ("question1", "question2"),
    ("question", "sentence"),
)  # fmt: skip
TRANSLATIONS = (("source", "target"), ("src", "tgt"), ("src", "trg"))
LANGUAGES = frozenset(
    {
        "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl",
        "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "la", "lb", "lt", "lv",
        "mk", "ml", "mn", "mr", "ms", "mt", "nb", "ne", "nl", "nn", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl",
        "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
    }
)  # fmt: skip
TEXTS = (
    "text", "review", "review_text", "reviewtext", "review_body", "sentence", "content", "context", "comment",
    "comment_text", "body", "document", "article", "tweet", "message", "post", "utterance", "paragraph", "abstract",
    "description", "question",
)  # fmt: skip
LABELS = (
    "label", "labels", "class", "category", "sentiment", "stars", "rating", "overall", "polarity", "feeling", "emotion",
    "topic", "intent", "gold_label", "target", "y",
)  # fmt: skip
SCORES = ("score", "similarity", "similarity_score", "relatedness", "relatedness_score")
