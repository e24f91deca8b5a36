"""The arithmetic of the polling bench, against sums made by hand."""

from benchmarks.polling import compute, list_polls


def test_the_first_poll_at_or_after_the_end_sees_it() -> None:
    late, polls = compute(lambda _: 30.0, [10, 30, 31, 100])

    assert late == (20 + 0 + 29 + 20) / 4
    assert polls == (1 + 1 + 2 + 4) / 4


def test_an_interval_may_depend_on_the_elapsed_time() -> None:
    assert list_polls(lambda elapsed: 10.0 + elapsed, 100) == [10, 30, 70, 150]
