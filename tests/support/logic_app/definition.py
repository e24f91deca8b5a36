"""Reading a workflow definition: the files in infra/logic-apps, and the actions within actions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "infra" / "logic-apps"

type Action = Mapping[str, Any]
type Actions = Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class Placed:
    """An action and where it stands. `within` holds it and its siblings, `depth` is 1 at the top."""

    name: str
    action: Action
    pointer: str
    depth: int
    within: Actions
    parent: "Placed | None"


def load_definition(name: str) -> dict[str, Any]:
    """Return the workflow definition in infra/logic-apps/`name`.json."""
    return dict(json.loads((FOLDER / f"{name}.json").read_text()))


def branches_of(action: Action) -> list[tuple[str, Actions]]:
    """Return the pointers and the contents of the branches of an `If`; other actions have none."""
    then = [("/actions", action["actions"])] if "actions" in action else []
    return then + ([("/else/actions", action["else"]["actions"])] if "else" in action else [])


def every_action(
    actions: Actions, pointer: str = "/actions", depth: int = 1, parent: Placed | None = None
) -> Iterator[Placed]:
    """Yield every action, each before those within it."""
    for name, action in actions.items():
        placed = Placed(name, action, f"{pointer}/{name}", depth, actions, parent)
        yield placed
        for branch, inner in branches_of(action):
            yield from every_action(inner, placed.pointer + branch, depth + 1, placed)
