"""The tokens that are no text: how they are written, and the 256 bytes that spell what has no token of its own."""

PAD, UNKNOWN, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
NOTEBOOK_MASK = "[mask]"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
"""What the tokenizers library writes for a byte in a model with `byte_fallback`."""
