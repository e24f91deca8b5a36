"""How a task hub is set up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HubOptions:
    """What host.json says to the hub. The defaults are those of a hub without a host.json, made for tests.

    `drops_entity_calls`: calls and locks from orchestrators to entities are lost, as in Azure Storage when
    `entityMessageReorderWindowInMinutes` is not 0. The message of a Python orchestrator has no timestamp, and the
    entity's sorter takes it for a duplicate. Signals arrive.
    """

    drops_entity_calls: bool = False
