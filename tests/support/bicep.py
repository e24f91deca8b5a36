"""What a Bicep file declares, read without a compiler, once `make check-infra` has parsed it."""

import re
from dataclasses import dataclass
from pathlib import Path

INFRA = Path(__file__).resolve().parents[2] / "infra"


@dataclass(frozen=True)
class BicepFile:
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def params(self) -> dict[str, bool]:
        """Each parameter, and whether it must be given."""
        found = re.findall(r"^param (\w+) \w+( =)?", self.text, re.MULTILINE)
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
    for line in inside.splitlines():
        key = re.match(r"\s*(\w+):", line)
        if key and not depth:
            found.append(key[1])
        depth += sum({"{": 1, "[": 1, "}": -1, "]": -1}.get(character, 0) for character in line)
    return found
