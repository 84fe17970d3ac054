"""Parts that several summaries share: names of clusters, numbers and a chart by day."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from bot.commands.declaration import Arguments, InForm
from bot.domain.reply import Chart, Part

LONGEST = 31
"""Days of a chart."""


class PeriodArguments(Arguments):
    since: Annotated[str, InForm(label="Period", hint="", example="7d")] = "7d"
    """Period to cover, such as 24h or 7d"""


def name_clusters(clusters: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return a name for each id, name and region, by the id: with the region or else the id where others have
    the same name.

    A report compares its table with the last one by the first column, so no two rows may share it.
    """
    known = {id_: (name, region) for id_, name, region in clusters}
    names, places = Counter(name for name, _ in known.values()), Counter(known.values())
    return {
        id_: name if names[name] == 1 else f"{name} ({region if places[name, region] == 1 else id_})"
        for id_, (name, region) in known.items()
    }


def list_days(period: timedelta, now: datetime) -> tuple[date, ...]:
    """Return the days (UTC) of a period that ends now, the last month of a longer one."""
    first = max(now - period, now - timedelta(days=LONGEST - 1)).date()
    return tuple(first + timedelta(days=number) for number in range((now.date() - first).days + 1))


def count_days(times: Iterable[datetime], days: Sequence[date]) -> tuple[int, ...]:
    """Return how many of the times there were on each day, UTC."""
    counts = Counter(at.date() for at in times)
    return tuple(counts[day] for day in days)


def chart_days(caption: str, days: Sequence[date], series: Mapping[str, Sequence[int]]) -> list[Part]:
    """Return a chart of numbers by day; none for one day or nothing."""
    if len(days) < 2 or not any(map(any, series.values())):
        return []
    numbers = tuple((name, tuple(map(float, counts))) for name, counts in series.items())
    return [Chart(caption, "bar", tuple(f"{day:%Y-%m-%d}" for day in days), numbers)]


def join_numbers(numbers: dict[str, int]) -> str:
    """Return the numbers of a period that ends now as a sentence: as fields of a report they would count as
    new each time, since what was done grows old by itself."""
    return "; ".join(f"{name}: {number:,}" for name, number in numbers.items()) + "."
