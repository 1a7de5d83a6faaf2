"""How much code each feed is, so that the comparison can tell: lines that are neither blank nor comment nor docstring.

    python -m game_server.bench.code_size

Counted is what a feed needs beyond plain HTTP, in the server and in the page; and this bench's own clients, which do
the same over all three, from the socket up. The page's sources are only in a checkout.
"""

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1]
PAGE: Final = PACKAGE.parent / "web_client" / "src"
SPACE: Final = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Part = tuple[str, str]      # a file, and a name in it; "" for all of it

SERVER: Final[dict[str, tuple[Part, ...]]] = {
    "WebSocket": (
        ("http/spectate.py", "WatchSocket"), ("http/spectate.py", "WatchSession"),
        ("http/connection.py", ""), ("http/websocket_protocol.py", ""),
    ),
    "SSE": (("http/spectate.py", "SseFeed"), ("http/spectate.py", "SseStream"), ("http/sse.py", "")),
    "polling at 1 Hz": (("http/rooms.py", "read_room"), ("http/rooms.py", "entity_tag")),
}  # fmt: skip
BROWSER: Final[dict[str, tuple[Part, ...]]] = {
    "WebSocket": (("socket.ts", ""), ("feed.ts", "watchSocket")),
    "SSE": (("stream.ts", ""),),
    "polling at 1 Hz": (("stream.ts", "askForRoom"),),
}
OWN: Final[dict[str, tuple[Part, ...]]] = {
    "WebSocket": (("bench/sockets.py", "WebSocket"), ("bench/sockets.py", "text_frame")),
    "SSE": (("bench/sockets.py", "EventStream"),),
    "polling at 1 Hz": (("bench/sockets.py", "Poller"),),
}


def server_lines(feed: str) -> int:
    return sum(python_lines((PACKAGE / file).read_text("utf-8"), name) for file, name in SERVER[feed])


def own_lines(feed: str) -> int:
    return sum(python_lines((PACKAGE / file).read_text("utf-8"), name) for file, name in OWN[feed])


def browser_lines(feed: str) -> int | None:
    """None where the page's sources are not."""
    if not PAGE.is_dir():
        return None
    return sum(typescript_lines((PAGE / file).read_text("utf-8"), name) for file, name in BROWSER[feed])


def python_lines(text: str, name: str = "") -> int:
    """The lines of code in `text`, or in the class or function `name` at its top level. Raises KeyError."""
    module = ast.parse(text)
    named = {node.name: node for node in module.body if isinstance(node, Named)}
    whole: ast.AST = named[name] if name else module
    first, last = (min_line(named[name]), named[name].end_lineno or 0) if name else (1, text.count("\n") + 1)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SPACE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(whole):
        if isinstance(node, ast.Module | Named) and ast.get_docstring(node):
            lines.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines & set(range(first, last + 1)))


def min_line(node: Named) -> int:
    """Where it begins, with its decorators."""
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def typescript_lines(text: str, name: str = "") -> int:
    """The same for TypeScript as Prettier writes it: a function ends with the first brace at the margin.

    Raises KeyError.
    """
    if name:
        found = re.search(rf"^(?:export )?(?:async )?function {name}\(.*?^\}}$", text, re.MULTILINE | re.DOTALL)
        if found is None:
            raise KeyError(name)
        text = found[0]
    text = re.sub(r"^\s*/\*.*?\*/", "", text, flags=re.MULTILINE | re.DOTALL)
    return sum(bool(line.strip()) and not line.strip().startswith("//") for line in text.splitlines())


if __name__ == "__main__":
    for kind in SERVER:
        print(f"{kind}: server {server_lines(kind)}, page {browser_lines(kind)}, own client {own_lines(kind)}")
