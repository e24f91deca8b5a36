"""How an exception is put into words and taken apart again on its way to the task hub."""

import pytest

from emulator.host.worker import FunctionFailedError


@pytest.mark.parametrize(
    ("text", "error_type", "message"),
    [
        ("ValueError: boom", "ValueError", "boom"),
        ("ValueError: a: b: c", "ValueError", "a: b: c"),
        ("ValueError: first  \nsecond", "ValueError", "first"),
        ("ValueError: ", "ValueError", ""),
        ("no separator", "(unknown)", "no separator"),
        ("two\nlines: here", "two\nlines", "here"),
        ("KeyError('x: y')", "KeyError('x", "y')"),
    ],
)
def test_the_text_is_cut_at_the_first_separator(text: str, error_type: str, message: str) -> None:
    failure = FunctionFailedError.from_text(text)
    assert (failure.error_type, failure.message) == (error_type, message)


def test_of_an_exception_the_class_the_first_line_and_the_place_are_kept() -> None:
    class TeapotError(Exception):
        def __repr__(self) -> str:
            return "not to be used"

    def brew() -> None:
        raise TeapotError("short\nand stout")

    with pytest.raises(TeapotError) as raised:
        brew()
    failure = FunctionFailedError.of(raised.value)
    assert (failure.error_type, failure.message) == ("TeapotError", "short")
    assert "short\nand stout" in failure.stack_trace
    assert failure.origin.startswith("test_failure_text.py:")
