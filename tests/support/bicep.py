"""What a Bicep file declares and uses, read without a compiler, once `make check-infra` has parsed it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INFRA = Path(__file__).resolve().parents[2] / "infra"

# https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions
FUNCTIONS = {
    *("empty", "guid", "items", "string", "toLower", "union", "uniqueString", "loadJsonContent"),
    *("environment", "resourceGroup", "subscription", "subscriptionResourceId", "tenant"),
}
KEYWORDS = {
    *("targetScope", "param", "var", "resource", "module", "output", "extension", "existing", "if", "for", "in"),
    *("string", "int", "bool", "object", "array", "true", "false", "null", "microsoftGraphV1"),
}
TOKEN = re.compile(r"//[^\n]*|'''.*?'''|'|\n|[^'/\n]+|/", re.DOTALL)


@dataclass(frozen=True)
class BicepFile:
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def code(self) -> str:
        """The text without comments, and of strings only what they interpolate."""
        return extract_code(self.text)

    @property
    def params(self) -> dict[str, bool]:
        """Each parameter, and whether it must be given."""
        found = re.findall(r"^param (\w+) \w+( =)?", self.code, re.MULTILINE)
        return {name: not default for name, default in found}

    @property
    def secrets(self) -> set[str]:
        return set(re.findall(r"^@secure\(\)\nparam (\w+)", self.text, re.MULTILINE))

    @property
    def outputs(self) -> dict[str, str]:
        """Each output and its value."""
        return dict(re.findall(r"^output (\w+) \w+ = (.+)$", self.text, re.MULTILINE))

    @property
    def modules(self) -> dict[str, str]:
        """The path of each module, and the text of its block."""
        found = re.finditer(r"^module \w+ '([^']+)'", self.text, re.MULTILINE)
        return {each[1]: find_block(self.text[each.start() :], "params: {") for each in found}


def list_bicep_files() -> list[BicepFile]:
    """Return every Bicep file of the product."""
    return [BicepFile(path) for path in sorted(INFRA.rglob("*.bicep"))]


def extract_code(text: str) -> str:
    """Return `text` without comments, and of strings only what they interpolate."""
    kept, place = "", 0
    while place < len(text):
        token = TOKEN.match(text, place)
        assert token is not None, f"no token at: {text[place : place + 20]}"
        place = token.end()
        if token[0] == "'":
            inside, place = _skip_string(text, place)
            kept += f"' {inside} '"
        elif not token[0].startswith(("//", "'''")):
            kept += token[0]
    return kept


def _skip_string(text: str, place: int) -> tuple[str, int]:
    """Return what the string that begins at `place` interpolates, and the place behind its end."""
    inside = ""
    while text[place] != "'":
        if text.startswith("${", place):
            end = text.index("}", place)
            inside, place = f"{inside} {extract_code(text[place + 2 : end])} ", end
        place += 2 if text[place] == "\\" else 1
    return inside, place + 1


def find_block(text: str, opening: str) -> str:
    """Return what stands between `opening`, which ends with a brace, and the brace that closes it; "" without one."""
    start = text.find(opening)
    if start < 0:
        return ""
    start += len(opening)
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    raise ValueError(f"{opening} is never closed")


def list_keys(inside: str) -> list[str]:
    """Return the keys of an object, given what stands between its braces: those of the outermost level."""
    found, depth = [], 0
    for line in extract_code(inside).splitlines():
        key = re.match(r"\s*(\w+):", line)
        if key and not depth:
            found.append(key[1])
        depth += sum({"{": 1, "[": 1, "}": -1, "]": -1}.get(character, 0) for character in line)
    return found


def find_declared(text: str) -> set[str]:
    """Return the names that `text`, as `extract_code` gives it, declares: symbols and variables of loops."""
    symbols = re.findall(r"^\s*(?:param|var|resource|module) (\w+)", text, re.MULTILINE)
    loops = re.findall(r"\bfor (?:(\w+)|\((\w+), (\w+)\)) in\b", text)
    return {*symbols, *(name for loop in loops for name in loop if name)}


def find_used(text: str) -> Iterator[str]:
    """Yield the names that `text`, from `extract_code`, refers to: no keys, members, decorators, declarations."""
    text = re.sub(r"(\bin \w+):", r"\1 :", text)
    statements = re.sub(r"^(\s*)(?:param|var|resource|module|output) \w+", r"\1", text, flags=re.MULTILINE)
    for name in re.findall(r"(?<![\w.@])[A-Za-z_]\w*(?![\w]|:(?!:))", re.sub(r"\.\s*", ".", statements)):
        if name not in KEYWORDS:
            yield name
