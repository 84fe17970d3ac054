"""A chart as Slack's `data_visualization` block, within its limits."""

import math

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import Chart
from bot.domain.text_safety import strip_invisible_line
from bot.slack import mrkdwn
from bot.slack.message_budget import Block


def chart_block(chart: Chart) -> Block | None:
    """Return the block with as many points as Slack takes, picked evenly; None if Slack cannot show it."""
    points = _pick_points(chart)
    names = _distinct_names([name for name, _ in chart.series[: limits.CHART_SERIES]], "series")
    if not points or not names:
        return None
    labels = _distinct_names([chart.labels[index] for index in points], "point")
    series = [
        {"name": name, "data": [_point(label, values[at]) for label, at in zip(labels, points, strict=True)]}
        for name, (_, values) in zip(names, chart.series, strict=False)
    ]
    return {
        "type": "data_visualization",
        "title": mrkdwn.fit(strip_invisible_line(chart.caption), limits.CHART_TITLE) or "Chart",
        "chart": {"type": chart.kind, "series": series, "axis_config": {"categories": labels}},
    }


def _point(label: str, value: float) -> dict[str, str | float]:
    return {"label": label, "value": value}


def _pick_points(chart: Chart) -> list[int]:
    """Return indexes at which every series has a number, the first and the last one included."""
    whole = [
        index
        for index in range(len(chart.labels))
        if all(index < len(values) and math.isfinite(values[index]) for _, values in chart.series)
    ]
    if len(whole) <= limits.CHART_POINTS:
        return whole
    step = (len(whole) - 1) / (limits.CHART_POINTS - 1)
    return [whole[round(number * step)] for number in range(limits.CHART_POINTS)]


def _distinct_names(names: list[str], word: str) -> list[str]:
    """Return names that are short enough for Slack, not empty and all different."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        short = mrkdwn.fit(strip_invisible_line(name), limits.CHART_LABEL) or f"{word} {number}"
        candidate, count = short, number
        while candidate in found:
            ending = f" {count}"
            candidate = mrkdwn.fit(short, limits.CHART_LABEL - len(ending)) + ending
            count += 1
        found.append(candidate)
    return found
