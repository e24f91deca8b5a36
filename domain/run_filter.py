"""Which runs a caller asks for: by state and by the time they were created."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, get_args

from domain.instance import STATES, UNLESS, Instance, State, UnreadableRun, state_of
from domain.timestamps import parse_timestamp

STATE_NAMES: tuple[State, ...] = get_args(State.__value__)
EVERY_STATE = frozenset(STATE_NAMES)
EVERY_STATUS = frozenset(STATES)

SHARED: Mapping[State, State] = {special: plain for plain, (_, special) in UNLESS.items()}
"""States that only the problem of a run tells from the state that its durable status has otherwise."""


class RunFilter(NamedTuple):
    """`created_from` is in, `created_before` is out; both are aware, None is no bound."""

    states: frozenset[State] = EVERY_STATE
    created_from: datetime | None = None
    created_before: datetime | None = None

    @property
    def statuses(self) -> frozenset[str]:
        """The durable statuses that runs in `states` can have, and others may share: `admits` tells them apart."""
        if "unreadable" in self.states:
            return EVERY_STATUS
        ended = self.states | {SHARED[state] for state in self.states & SHARED.keys()}
        alive = self.states - set(STATES.values()) - SHARED.keys()
        return frozenset(status for status, state in STATES.items() if (alive if state is None else state in ended))

    def admits(self, instance: Instance) -> bool:
        """Tell whether the run is asked for, going by the `createdAt` that it shows. A run without one never is."""
        created = parse_timestamp(instance.run["createdAt"])
        return created is not None and self._admits(state_of(instance), created)

    def admits_unreadable(self, run: UnreadableRun) -> bool:
        """Tell whether a run that cannot be read is asked for, going by the hub's time of its creation."""
        return self._admits("unreadable", run.created_at)

    def _admits(self, state: State, created: datetime) -> bool:
        if state not in self.states:
            return False
        since, until = self.created_from, self.created_before
        return (since is None or created >= since) and (until is None or created < until)
