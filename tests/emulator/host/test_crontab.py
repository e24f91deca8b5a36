"""NCRONTAB: what an expression means, when it comes next, and what is no expression.

The examples are those of the timer trigger's documentation, of NCrontab's README and of its issues.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.host.timers.crontab import NEVER, Crontab
from emulator.host.timers.crontab_field import CrontabError

type Values = tuple[int, ...]

SATURDAY = datetime(2026, 1, 31, 12, 30, 15, 500_000, tzinfo=UTC)


def coming(expression: str, count: int, after: datetime = SATURDAY) -> list[str]:
    """Return the next occurrences as `MM-DD HH:MM:SS`, the year before them when it is another."""
    crontab, moment, found = Crontab.parse(expression), after, []
    for _ in range(count):
        moment = crontab.next_after(moment)
        found.append(f"{moment:%m-%d %H:%M:%S}" if moment.year == after.year else f"{moment:%Y-%m-%d %H:%M:%S}")
    return found


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("0 5 * * * *", ["01-31 13:05:00", "01-31 14:05:00"]),
        ("0 * 5 * * *", ["02-01 05:00:00", "02-01 05:01:00"]),
        ("5-7 * * * * *", ["01-31 12:31:05", "01-31 12:31:06", "01-31 12:31:07", "01-31 12:32:05"]),
        ("5,8,10 * * * * *", ["01-31 12:31:05", "01-31 12:31:08", "01-31 12:31:10", "01-31 12:32:05"]),
        ("0 */5 * * * *", ["01-31 12:35:00", "01-31 12:40:00"]),
        ("0 0 * * * *", ["01-31 13:00:00", "01-31 14:00:00"]),
        ("0 0 */2 * * *", ["01-31 14:00:00", "01-31 16:00:00"]),
        ("0 0 9-17 * * *", ["01-31 13:00:00", "01-31 14:00:00"]),
        ("0 30 9 * * *", ["02-01 09:30:00", "02-02 09:30:00"]),
        ("0 30 9 * * 1-5", ["02-02 09:30:00", "02-03 09:30:00"]),
        ("0 30 9 * Jan Mon", ["2027-01-04 09:30:00", "2027-01-11 09:30:00"]),
    ],
)
def test_the_documentations_examples(expression: str, times: list[str]) -> None:
    assert coming(expression, len(times)) == times


def test_noon_on_mondays_of_every_other_month() -> None:
    mondays = coming("0 12 * */2 Mon", 27, datetime(2000, 1, 1, tzinfo=UTC))
    assert len(mondays) == 27
    assert mondays[:6] == [f"{day} 12:00:00" for day in ("01-03", "01-10", "01-17", "01-24", "01-31", "03-06")]
    assert mondays[-1] == "11-27 12:00:00"


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        # Five fields leave the second out.
        ("*/10 * * * *", ["01-31 12:40:00", "01-31 12:50:00"]),
        ("  0   0  6  *  *  * ", ["02-01 06:00:00"]),
        # `n/s` goes on to the end, with a step of one too: https://github.com/atifaziz/NCrontab/issues/16
        ("0 40 14/1 * * *", ["01-31 14:40:00", "01-31 15:40:00"]),
        ("0 10-50/20 * * * *", ["01-31 12:50:00", "01-31 13:10:00"]),
        # Seconds start again when the hour or minute moves: https://github.com/atifaziz/NCrontab/issues/90
        ("* 0-1 13 * * *", ["01-31 13:00:00", "01-31 13:00:01"]),
        # Both the day and the day of the week must fit, unlike in cron.
        ("0 0 9 1 * Mon", ["06-01 09:00:00", "2027-02-01 09:00:00"]),
        # Names are English, in any case, and may be cut short anywhere: J is January, T is Tuesday.
        ("0 0 9 * J t", ["2027-01-05 09:00:00"]),
        ("0 0 9 * february,APRIL-Jun *", ["02-01 09:00:00", "02-02 09:00:00"]),
        ("0 0 9 * * SUNDAY,mon", ["02-01 09:00:00", "02-02 09:00:00", "02-08 09:00:00"]),
        ("0 0 9 * * 1-Wed", ["02-02 09:00:00", "02-03 09:00:00", "02-04 09:00:00", "02-09 09:00:00"]),
        # A range the wrong way round is turned; it does not run over the end.
        ("0 0 9 * * Fri-Mon", ["02-02 09:00:00", "02-03 09:00:00"]),
        ("0 0 9 * * *,Mon", ["02-01 09:00:00"]),
        ("0 */0 * * * *", ["01-31 12:31:00"]),
        ("0 */-5 * * * *", ["01-31 12:31:00"]),
        ("0 */90 * * * *", ["01-31 13:00:00", "01-31 14:00:00"]),
        # Short months and leap years.
        ("0 0 0 30,31 * *", ["03-30 00:00:00", "03-31 00:00:00", "04-30 00:00:00", "05-30 00:00:00"]),
        ("0 0 0 29 Feb *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("0 0 0 29 Feb Mon", ["2044-02-29 00:00:00"]),
    ],
)
def test_the_dialect(expression: str, times: list[str]) -> None:
    assert coming(expression, len(times)) == times


@pytest.mark.parametrize("expression", ["0 0 0 31 Feb *", "0 0 0 30-31 2 *"])
def test_a_day_that_never_comes(expression: str) -> None:
    assert Crontab.parse(expression).next_after(SATURDAY) == NEVER


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "it has 0 fields, not six (or five, which leave out the second)"),
        ("0 0 6 * * * 2030", "it has 7 fields"),
        ("@daily", "it has 1 fields"),
        ("60 * * * * *", "the second '60' is not a number from 0 to 59"),
        ("* 60 * * * *", "the minute '60' is not"),
        ("0 0 24 * * *", "the hour '24' is not a number from 0 to 23"),
        ("0 0 0 0 * *", "the day '0' is not a number from 1 to 31"),
        ("0 0 0 0/2 * *", "the day '0' is not"),
        ("0 0 0 1 13 *", "the month '13' is neither a number from 1 to 12 nor a name from January to December"),
        ("0 0 0 * * 7", "the day of the week '7' is neither a number from 0 to 6 nor a name from Sunday to Saturday"),
        ("0 0 0 * * Mun", "the day of the week 'Mun' is neither"),
        ("0 0 0 * * Mondays", "the day of the week 'Mondays' is neither"),
        ("0 0 0 ? * *", "the day '?' is not"),
        ("0 0 0 L * *", "the day 'L' is not"),
        ("0 0 0 * * 1#1", "the day of the week '1#1' is neither"),
        ("0 0 9-l7 * * *", "the hour 'l7' is not"),
        ("0 0 1-2-3 * * *", "the hour '2-3' is not"),
        ("0 0 1,,2 * * *", "the hour '' is not"),
        ("0 0 -1 * * *", "the hour '' is not"),
        ("0 */x * * * *", "the step 'x' of the minute is not a whole number"),
        ("0 */2/3 * * * *", "the step '2/3' of the minute is not"),
        ("0 */ * * * *", "the step '' of the minute is not"),
        ("0 /5 * * * *", "the minute '' is not"),
        ("0 ** * * * *", "the minute '**' is not"),
        ("0 ٣ * * * *", "the minute '٣' is not"),
    ],
)
def test_what_is_no_expression_says_which_field_is_wrong(expression: str, reason: str) -> None:
    with pytest.raises(CrontabError) as refused:
        Crontab.parse(expression)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("expression", "under_a_minute"),
    [
        ("* * * * * *", True),
        ("*/5 * * * * *", True),
        ("0,30 0-59 * 1-31 * 0-6", True),
        ("0 * * * * *", False),
        ("* * * * *", False),
        ("* 30 * * * *", False),
        ("* * * * * 1-5", False),
    ],
)
def test_what_comes_more_than_once_in_every_minute(expression: str, under_a_minute: bool) -> None:  # noqa: FBT001 -- a column
    assert Crontab.parse(expression).under_a_minute == under_a_minute


def some(lowest: int, highest: int) -> st.SearchStrategy[Values]:
    return st.sets(st.integers(lowest, highest), min_size=1, max_size=8).map(lambda values: tuple(sorted(values)))


FIELDS = st.tuples(some(0, 59), some(0, 59), some(0, 23), some(1, 28), some(1, 12), some(0, 6))
MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone


def fits(fields: tuple[Values, ...], at: datetime) -> bool:
    parts = (at.second, at.minute, at.hour, at.day, at.month, at.isoweekday() % 7)
    return not at.microsecond and all(part in values for part, values in zip(parts, fields, strict=True))


@given(FIELDS, MOMENTS, st.data())
def test_the_next_occurrence_fits_and_none_is_passed_over(
    fields: tuple[Values, ...], moment: datetime, data: st.DataObject
) -> None:
    found = Crontab.parse(" ".join(",".join(map(str, values)) for values in fields)).next_after(moment)
    assert found > moment
    assert fits(fields, found)
    between = data.draw(st.integers(1, max(1, int((found - moment).total_seconds()))))
    passed = moment.replace(microsecond=0) + timedelta(seconds=between)
    assert passed >= found or not fits(fields, passed)
    # What a schedule would most likely pass over is a time of an earlier day that fits.
    earlier = found - timedelta(days=data.draw(st.integers(1, 400)))
    assert earlier <= moment or not fits(fields, earlier)
