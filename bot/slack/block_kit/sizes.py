"""What Slack takes at most, each with where that is written. Lengths are in characters unless said otherwise.

"Slack docs" are the pages of docs.slack.dev by their titles, read in November 2026.
"""

from typing import Final


class Limit(int):
    """A number, and the source it stands on."""

    source: str

    def __new__(cls, most: int, source: str) -> "Limit":
        limit = super().__new__(cls, most)
        limit.source = source
        return limit


_BLOCKS = "Slack docs, Blocks"
_MEASURED = "not documented: measured by others; one report has 5,732 accepted and 15,181 refused"

# Messages and views
MESSAGE_BLOCKS: Final = Limit(50, _BLOCKS)
VIEW_BLOCKS: Final = Limit(100, _BLOCKS)
MESSAGE_CHARACTERS: Final = Limit(13_200, _MEASURED)
HEADER_OVERHEAD: Final = Limit(100, _MEASURED)
POST_TEXT: Final = Limit(40_000, "Slack docs, chat.postMessage: longer is cut; 4,000 recommended")
UPDATE_TEXT: Final = Limit(4_000, "Slack docs, chat.update: msg_too_long")
EPHEMERAL_TEXT_BYTES: Final = Limit(4_000, "Slack docs, chat.postEphemeral")
VIEW_TITLE: Final = Limit(24, "Slack docs, Views: title, submit, close")
PRIVATE_METADATA: Final = Limit(3_000, "Slack docs, Views")
IDENTIFIER: Final = Limit(255, "Slack docs, Blocks and Block elements: block_id, action_id, callback_id")

# Blocks
TEXT_OBJECT: Final = Limit(3_000, "Slack docs, Text object; Section block")
SECTION_FIELDS: Final = Limit(10, "Slack docs, Section block")
SECTION_FIELD: Final = Limit(2_000, "Slack docs, Section block")
HEADER_TEXT: Final = Limit(150, "Slack docs, Header block")
HEADER_LEVEL: Final = Limit(4, "Slack docs, Header block")
CONTEXT_ELEMENTS: Final = Limit(10, "Slack docs, Context block")
ACTIONS_ELEMENTS: Final = Limit(25, "Slack docs, Actions block")
CONTEXT_ACTIONS: Final = Limit(5, "Slack docs, Context actions block")
INPUT_TEXT: Final = Limit(2_000, "Slack docs, Input block: label and hint")
IMAGE_URL: Final = Limit(3_000, "Slack docs, Image block")
IMAGE_TEXT: Final = Limit(2_000, "Slack docs, Image block: alt_text and title")
MARKDOWN_TEXT: Final = Limit(12_000, "Slack docs, Markdown block: summed over a payload")
CONTAINER_TITLE: Final = Limit(150, "Slack docs, Container block")
CONTAINER_BLOCKS: Final = Limit(10, "Slack docs, Container block")
CARD_TITLE: Final = Limit(150, "Slack docs, Card block: title and subtitle")
CARD_BODY: Final = Limit(200, "Slack docs, Card block: body and subtext")
CARD_BUTTONS: Final = Limit(3, "Slack docs, Card block")
CAROUSEL_CARDS: Final = Limit(10, "Slack docs, Carousel block")
ALERT_TEXT: Final = Limit(200, "Slack docs, Alert block")

# Elements
LABEL: Final = Limit(75, "Slack docs, Button element; Option object: text")
BUTTON_VALUE: Final = Limit(2_000, "Slack docs, Button element")
BUTTON_URL: Final = Limit(3_000, "Slack docs, Button element")
OPTION_VALUE: Final = Limit(150, "Slack docs, Option object")
OPTIONS: Final = Limit(100, "Slack docs, Select menu element: options or groups")
OVERFLOW_OPTIONS: Final = Limit(5, "Slack docs, Overflow menu element")
CHOICE_OPTIONS: Final = Limit(10, "Slack docs, Radio button group; Checkboxes (not verified)")
PLACEHOLDER: Final = Limit(150, "Slack docs, Select menu element")
INPUT_LENGTH: Final = Limit(3_000, "Slack docs, Plain-text input (not verified)")
CONFIRM_TITLE: Final = Limit(100, "Slack docs, Confirmation dialog object")
CONFIRM_TEXT: Final = Limit(300, "Slack docs, Confirmation dialog object")
CONFIRM_BUTTON: Final = Limit(30, "Slack docs, Confirmation dialog object")

# Tables and charts
TABLE_ROWS: Final = Limit(100, "Slack docs, Table block")
TABLE_COLUMNS: Final = Limit(20, "Slack docs, Table block; Data table block")
TABLE_CHARACTERS: Final = Limit(10_000, "Slack docs, Table block: per table and per message")
TABLES: Final = Limit(1, "Slack docs, Table block, older text: only_one_table_allowed")
DATA_TABLE_ROWS: Final = Limit(201, "Slack docs, Data table block: with the header row")
DATA_TABLE_CHARACTERS: Final = Limit(20_000, "Slack docs, Data table block: per table and per message")
DATA_TABLE_PAGE: Final = Limit(100, "Slack docs, Data table block: page_size")
CHARTS: Final = Limit(2, "Slack docs, Data visualization block: per message")
CHART_TITLE: Final = Limit(50, "Slack docs, Data visualization block: title, axis labels")
CHART_LABEL: Final = Limit(20, "Slack docs, Data visualization block: labels and names")
CHART_SERIES: Final = Limit(12, "Slack docs, Data visualization block: series, pie segments")
CHART_POINTS: Final = Limit(20, "Slack docs, Data visualization block: points of a series")
