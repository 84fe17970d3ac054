"""`--jq`: what a jq filter makes of an answer, run by the caller's own process."""

import json

import jq

from bot.domain.errors import BadArgument
from bot.domain.text_safety import escape_data, escape_invisible_line


def run_filter(program: str, text: str) -> list[str]:
    """Return each result of the filter on a line: text as it is, anything else as JSON.

    Raises BadArgument for a filter that jq refuses, or that does not fit the answer.
    """
    try:
        found = jq.compile(program).input_text(text).all()
    except ValueError as error:
        reason = escape_invisible_line(
            str(error).removeprefix("jq: error: ").partition("\n")[0].rstrip(":. ")
        )
        raise BadArgument(f"--jq can't be run: {reason}.", "See jqlang.org for its language.") from None
    return [escape_data(each) if isinstance(each, str) else json.dumps(each) for each in found]
