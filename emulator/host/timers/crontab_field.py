"""One field of an NCRONTAB expression: a list of `*`, `n`, `n-m`, each with an optional `/step`.

Sources: NCrontab CrontabFieldImpl.cs, CrontabField.cs.
"""

import re
from dataclasses import dataclass

_NUMBER = re.compile("[0-9]{1,9}")
_STEP = re.compile("[+-]?[0-9]{1,9}")


class CrontabError(ValueError):
    """The text is no NCRONTAB expression; says what is wrong with it."""


@dataclass(frozen=True)
class Field:
    """`lowest` and `highest` are the values it can have; `names`, if any, name them in English, in lower case."""

    label: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def parse(self, text: str) -> tuple[int, ...]:
        """Return the values that `text` stands for, in order; raises CrontabError."""
        return tuple(sorted({value for part in text.split(",") for value in self._part(part)}))

    def _part(self, part: str) -> range:
        """Turn a range that is the wrong way round, and count a step below one as one."""
        values, slash, step = part.partition("/")
        if slash and not _STEP.fullmatch(step):
            raise CrontabError(f"the step '{step}' of the {self.label} is not a whole number")
        first, last = self._bounds(values, stepped=bool(slash))
        return range(min(first, last), max(first, last) + 1, max(1, int(step or 1)))

    def _bounds(self, values: str, *, stepped: bool) -> tuple[int, int]:
        if values == "*":
            return self.lowest, self.highest
        first, dash, last = values.partition("-")
        if dash:
            return self._value(first), self._value(last)
        # `n/s` goes on from n: https://github.com/atifaziz/NCrontab/issues/16
        return self._value(first), self.highest if stepped else self._value(first)

    def _value(self, text: str) -> int:
        """Take a name that is cut short for the first that begins so."""
        if _NUMBER.fullmatch(text):
            if self.lowest <= int(text) <= self.highest:
                return int(text)
        elif text:
            for value, name in enumerate(self.names, self.lowest):
                if name.startswith(text.lower()):
                    return value
        numbers = f"a number from {self.lowest} to {self.highest}"
        if not self.names:
            raise CrontabError(f"the {self.label} '{text}' is not {numbers}")
        names = f"a name from {self.names[0].title()} to {self.names[-1].title()}"
        raise CrontabError(f"the {self.label} '{text}' is neither {numbers} nor {names}")
