"""The app's durable functions by kind and name; names are compared without case, as .NET does."""

from collections.abc import Iterable

from emulator.host.worker import Function, Kind

_NOUNS = {Kind.ORCHESTRATION: "orchestrator", Kind.ACTIVITY: "activity", Kind.ENTITY: "entity"}


class Catalog:
    """Looks functions up and words the extension's complaint about unknown ones."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._functions = {(f.kind, f.task_name.lower()): f for f in functions if f.kind in _NOUNS}

    def find(self, kind: Kind, name: str) -> Function | None:
        return self._functions.get((kind, name.lower()))

    def complaint(self, kind: Kind, name: str) -> str:
        """Source: azure-functions-durable-extension DurableTaskExtension.cs, GetInvalidOrchestratorFunctionMessage."""
        noun = _NOUNS[kind]
        known = "', '".join(f.task_name for (of_kind, _), f in self._functions.items() if of_kind == kind)
        more = f"The following are the known {noun} functions: '{known}'." if known else ""
        return f"The function '{name}' doesn't exist, is disabled, or is not an {noun} function. Additional info: " + (
            more or f"No {noun} functions are currently registered!"
        )
