# ruff: noqa: INP001 - a script beside the templates, no package
"""Parse every Bicep file of a folder, by default this one, with two grammars.

Exits with 1 and `file:line: what` when one of them cannot.

Neither is the compiler, which is no package of PyPI. What a grammar cannot see, tests/infra/test_bicep.py does.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_bicep
from pycep import BicepParser
from tree_sitter import Language, Node, Parser

FOLDER = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).resolve().parent
# Newer than both grammars; bicepconfig.json names what it means.
EXTENSION = "extension microsoftGraphV1\n"


def faulty(node: Node) -> Iterator[Node]:
    """Yield the nodes below `node` that tree-sitter made up or gave up on."""
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        yield from faulty(child)


def faults(path: Path, parser: Parser) -> Iterator[str]:
    """Yield "file:line: what is wrong" for each fault."""
    text = path.read_text().replace(EXTENSION, "\n")
    for node in faulty(parser.parse(text.encode()).root_node):
        yield f"{path}:{node.start_point[0] + 1}: {'missing ' + node.type if node.is_missing else 'cannot be parsed'}"
    try:
        BicepParser().parse(text=text)
    except Exception as error:  # noqa: BLE001 - lark has many, and each means the same here
        # checkov skips a file that its parser cannot read, without a word in its exit code.
        yield f"{path}: checkov cannot read it: {str(error).splitlines()[0]}"


parser = Parser(Language(tree_sitter_bicep.language()))
files = sorted(FOLDER.rglob("*.bicep"))
found = [fault for path in files for fault in faults(path, parser)]
print("\n".join([*found, f"{len(files)} Bicep files parsed, {len(found)} faults"]))  # noqa: T201 - its output
sys.exit(bool(found) or not files)
