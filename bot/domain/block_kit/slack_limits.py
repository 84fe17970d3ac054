"""The most that Slack takes, each limit with its source. Lengths are in characters unless stated otherwise.

"Slack docs" are the pages of docs.slack.dev by their titles, read in November 2026.
"""

from typing import Final


class SlackLimit(int):
    """A number with the source that states it."""

    source: str

    def __new__(cls, most: int, source: str) -> "SlackLimit":
        limit = super().__new__(cls, most)
        limit.source = source
        return limit


_BLOCKS = "Slack docs, Blocks"
_MEASURED = "not documented: measured by others; one report has 5,732 accepted and 15,181 refused"

# Messages and views
MESSAGE_BLOCKS: Final = SlackLimit(50, _BLOCKS)
VIEW_BLOCKS: Final = SlackLimit(100, _BLOCKS)
MESSAGE_CHARACTERS: Final = SlackLimit(13_200, _MEASURED)
HEADER_OVERHEAD: Final = SlackLimit(100, _MEASURED)
POST_TEXT: Final = SlackLimit(40_000, "Slack docs, chat.postMessage: longer is cut; 4,000 recommended")
UPDATE_TEXT: Final = SlackLimit(4_000, "Slack docs, chat.update: msg_too_long")
EPHEMERAL_TEXT_BYTES: Final = SlackLimit(4_000, "Slack docs, chat.postEphemeral")
ATTACHMENTS: Final = SlackLimit(100, "Slack docs, chat.postMessage: too_many_attachments")
VIEW_BYTES: Final = SlackLimit(250_000, "Slack docs, views.open: view_too_large, bytes of JSON")
VIEW_TITLE: Final = SlackLimit(24, "Slack docs, Views: title, submit, close")
PRIVATE_METADATA: Final = SlackLimit(3_000, "Slack docs, Views")
IDENTIFIER: Final = SlackLimit(255, "Slack docs, Blocks and Block elements: block_id, action_id, callback_id")

# Blocks
TEXT_OBJECT: Final = SlackLimit(3_000, "Slack docs, Text object; Section block")
SECTION_FIELDS: Final = SlackLimit(10, "Slack docs, Section block")
SECTION_FIELD: Final = SlackLimit(2_000, "Slack docs, Section block")
HEADER_TEXT: Final = SlackLimit(150, "Slack docs, Header block")
HEADER_LEVEL: Final = SlackLimit(4, "Slack docs, Header block")
CONTEXT_ELEMENTS: Final = SlackLimit(10, "Slack docs, Context block")
ACTIONS_ELEMENTS: Final = SlackLimit(25, "Slack docs, Actions block")
CONTEXT_ACTIONS: Final = SlackLimit(5, "Slack docs, Context actions block")
INPUT_TEXT: Final = SlackLimit(2_000, "Slack docs, Input block: label and hint")
IMAGE_URL: Final = SlackLimit(3_000, "Slack docs, Image block")
IMAGE_TEXT: Final = SlackLimit(2_000, "Slack docs, Image block: alt_text and title")
MARKDOWN_TEXT: Final = SlackLimit(12_000, "Slack docs, Markdown block: summed over a payload")
CONTAINER_TITLE: Final = SlackLimit(150, "Slack docs, Container block")
CONTAINER_BLOCKS: Final = SlackLimit(10, "Slack docs, Container block")
CARD_TITLE: Final = SlackLimit(150, "Slack docs, Card block: title and subtitle")
CARD_BODY: Final = SlackLimit(200, "Slack docs, Card block: body and subtext")
CARD_BUTTONS: Final = SlackLimit(3, "Slack docs, Card block")
CAROUSEL_CARDS: Final = SlackLimit(10, "Slack docs, Carousel block")
ALERT_TEXT: Final = SlackLimit(200, "Slack docs, Alert block")
TASK_TITLE: Final = SlackLimit(256, "Slack docs, Plan block and Task card block (not verified)")
VIDEO_TITLE: Final = SlackLimit(199, "Slack docs, Video block: less than 200")
VIDEO_DESCRIPTION: Final = SlackLimit(200, "Slack docs, Video block")
VIDEO_AUTHOR: Final = SlackLimit(49, "Slack docs, Video block: less than 50")

# Elements
LABEL: Final = SlackLimit(75, "Slack docs, Button element; Option object: text")
BUTTON_VALUE: Final = SlackLimit(2_000, "Slack docs, Button element")
BUTTON_URL: Final = SlackLimit(3_000, "Slack docs, Button element")
OPTION_VALUE: Final = SlackLimit(150, "Slack docs, Option object")
OPTIONS: Final = SlackLimit(100, "Slack docs, Select menu element: options or groups")
OVERFLOW_OPTIONS: Final = SlackLimit(5, "Slack docs, Overflow menu element")
CHOICE_OPTIONS: Final = SlackLimit(10, "Slack docs, Radio button group; Checkboxes (not verified)")
PLACEHOLDER: Final = SlackLimit(150, "Slack docs, Select menu element")
INPUT_LENGTH: Final = SlackLimit(3_000, "Slack docs, Plain-text input (not verified)")
INPUT_FILES: Final = SlackLimit(10, "Slack docs, File input element")
CONFIRM_TITLE: Final = SlackLimit(100, "Slack docs, Confirmation dialog object")
CONFIRM_TEXT: Final = SlackLimit(300, "Slack docs, Confirmation dialog object")
CONFIRM_BUTTON: Final = SlackLimit(30, "Slack docs, Confirmation dialog object")

# Tables and charts
TABLE_ROWS: Final = SlackLimit(100, "Slack docs, Table block")
TABLE_CAPTION: Final = SlackLimit(2_000, "Slack docs, Data table block (not verified)")
TABLE_COLUMNS: Final = SlackLimit(20, "Slack docs, Table block; Data table block")
TABLE_CHARACTERS: Final = SlackLimit(10_000, "Slack docs, Table block: per table and per message")
TABLES: Final = SlackLimit(1, "Slack docs, Table block, older text: only_one_table_allowed")
DATA_TABLE_ROWS: Final = SlackLimit(201, "Slack docs, Data table block: with the header row")
DATA_TABLE_CHARACTERS: Final = SlackLimit(20_000, "Slack docs, Data table block: per table and per message")
DATA_TABLE_PAGE: Final = SlackLimit(100, "Slack docs, Data table block: page_size")
CHARTS: Final = SlackLimit(2, "Slack docs, Data visualization block: per message")
CHART_TITLE: Final = SlackLimit(50, "Slack docs, Data visualization block: title, axis labels")
CHART_LABEL: Final = SlackLimit(20, "Slack docs, Data visualization block: labels and names")
CHART_SERIES: Final = SlackLimit(12, "Slack docs, Data visualization block: series, pie segments")
CHART_POINTS: Final = SlackLimit(20, "Slack docs, Data visualization block: points of a series")
