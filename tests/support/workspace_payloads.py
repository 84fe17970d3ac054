"""Messages just over and at Slack's limits, by the name of the limit."""


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def section(text="x", **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def option(text="x", value="v", **more):
    return {"text": plain(text), "value": value, **more}


def button(action_id="a", text="x", **more):
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def buttons(count):
    return [button(action_id=f"a{number}") for number in range(count)]


def confirm(**more):
    words = {"title": plain("x"), "text": plain("x"), "confirm": plain("x"), "deny": plain("x")}
    return {**words, **more}


def raw(text="x"):
    return {"type": "raw_text", "text": text}


def rows(count, columns=1, text="x"):
    return [[raw(text) for _column in range(columns)] for _row in range(count)]


def table(kind, cells, **more):
    caption = {"caption": "c"} if kind == "data_table" else {}
    return {"type": kind, "rows": cells, **caption, **more}


def menu(count, kind="static_select", **more):
    return {"type": kind, "action_id": "m", "options": [option(value=str(n)) for n in range(count)], **more}


def series(count, points, name="s", label="l"):
    data = [{"label": f"{label}{point}", "value": point} for point in range(points)]
    return [{"name": f"{name}{number}", "data": data} for number in range(count)]


def chart(kind="line", **more):
    if "series" in more:
        categories = [point["label"] for point in more["series"][0]["data"]]
        more = {"axis_config": {"categories": categories}, **more}
    return {"type": "data_visualization", "title": "t", "chart": {"type": kind, **more}}


def pie(count, value=1, label="l"):
    return chart("pie", segments=[{"label": f"{label}{number}", "value": value} for number in range(count)])


def rich(text="x"):
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }


def asking(element, **more):
    return {"type": "input", "label": plain("x"), "element": {"action_id": "i", **element}, **more}


def groups(count, label="g"):
    return [{"label": plain(label), "options": [option(value=f"{n}")]} for n in range(count)]


def icons(count):
    return [
        {"type": "icon_button", "icon": "trash", "action_id": f"i{number}", "text": plain("x")}
        for number in range(count)
    ]


def video(**more):
    address = "https://x.example"
    source = {"thumbnail_url": address, "video_url": address, "alt_text": "x"}
    return {"type": "video", "title": plain("x"), **source, **more}


ELSEWHERE = option(value="elsewhere")
PICTURE = {"type": "image", "image_url": "https://x.example", "alt_text": "x"}
HEADER = {"type": "header", "text": plain("x")}
DIVIDER = {"type": "divider"}

TOO_MUCH = {
    "51 blocks": [DIVIDER] * 51,
    "section text 3001": [section("x" * 3001)],
    "section text empty": [section("")],
    "section without text": [{"type": "section"}],
    "section 11 fields": [{"type": "section", "fields": [plain("x")] * 11}],
    "section no fields": [{"type": "section", "fields": []}],
    "section field 2001": [{"type": "section", "fields": [plain("x" * 2001)]}],
    "section unknown property": [section(colour="red")],
    "section text of no type": [{"type": "section", "text": {"text": "x"}}],
    "section text a string": [{"type": "section", "text": "x"}],
    "section input accessory": [section(accessory={"type": "plain_text_input", "action_id": "a"})],
    "header 151": [{"type": "header", "text": plain("x" * 151)}],
    "header mrkdwn": [{"type": "header", "text": mrkdwn("x")}],
    "header level 5": [{**HEADER, "level": 5}],
    "context 11": [{"type": "context", "elements": [plain("x")] * 11}],
    "context none": [{"type": "context", "elements": []}],
    "context button": [{"type": "context", "elements": [button()]}],
    "context text 3001": [{"type": "context", "elements": [plain("x" * 3001)]}],
    "actions 26": [actions(*buttons(26))],
    "actions none": [actions()],
    "actions text input": [actions({"type": "plain_text_input", "action_id": "a"})],
    "button text 76": [actions(button(text="x" * 76))],
    "button mrkdwn": [actions({"type": "button", "action_id": "a", "text": mrkdwn("x")})],
    "button value 2001": [actions(button(value="x" * 2001))],
    "button value empty": [actions(button(value=""))],
    "button url 3001": [actions(button(url="https://" + "x" * 2993))],
    "button action_id 256": [actions(button(action_id="x" * 256))],
    "button style": [actions(button(style="default"))],
    "button accessibility label 76": [actions(button(accessibility_label="x" * 76))],
    "confirm title 101": [actions(button(confirm=confirm(title=plain("x" * 101))))],
    "confirm text 301": [actions(button(confirm=confirm(text=plain("x" * 301))))],
    "confirm yes 31": [actions(button(confirm=confirm(confirm=plain("x" * 31))))],
    "confirm no 31": [actions(button(confirm=confirm(deny=plain("x" * 31))))],
    "confirm incomplete": [actions(button(confirm={"title": plain("x")}))],
    "select 101 options": [actions(menu(101))],
    "select no options": [actions({"type": "static_select", "action_id": "m"})],
    "select placeholder 151": [actions(menu(1, placeholder=plain("x" * 151)))],
    "option text 76": [actions({**menu(0), "options": [option("x" * 76)]})],
    "option value 151": [actions({**menu(0), "options": [option(value="x" * 151)]})],
    "option description 76": [actions({**menu(0), "options": [option(description=plain("x" * 76))]})],
    "overflow 6": [actions(menu(6, "overflow"))],
    "radio 11": [actions(menu(11, "radio_buttons"))],
    "checkboxes 11": [actions(menu(11, "checkboxes"))],
    "select 101 groups": [actions({"type": "static_select", "action_id": "m", "option_groups": groups(101)})],
    "group label 76": [
        actions({"type": "static_select", "action_id": "m", "option_groups": groups(1, "x" * 76)})
    ],
    "groups a number": [
        actions({"type": "static_select", "action_id": "m", "option_groups": 5, "initial_option": ELSEWHERE})
    ],
    "options and groups": [actions(menu(1, option_groups=groups(1)))],
    "select starts elsewhere": [actions(menu(1, initial_option=ELSEWHERE))],
    "checkboxes start elsewhere": [actions(menu(1, "checkboxes", initial_options=[ELSEWHERE]))],
    "several choices among actions": [actions(menu(1, "multi_static_select"))],
    "max selected items 0": [section(accessory=menu(1, "multi_static_select", max_selected_items=0))],
    "date and time accessory": [section(accessory={"type": "datetimepicker", "action_id": "a"})],
    "a date in words": [actions({"type": "datepicker", "action_id": "a", "initial_date": "tomorrow"})],
    "a date without a month": [
        actions({"type": "datepicker", "action_id": "a", "initial_date": "2026-13-01"})
    ],
    "a time of two digits": [actions({"type": "timepicker", "action_id": "a", "initial_time": "9:30"})],
    "icon button among actions": [actions(*icons(1))],
    "context_actions 6": [{"type": "context_actions", "elements": icons(6)}],
    "input label 2001": [{**asking({"type": "plain_text_input"}), "label": plain("x" * 2001)}],
    "input hint 2001": [asking({"type": "plain_text_input"}, hint=plain("x" * 2001))],
    "input button": [asking(button())],
    "input max_length 3001": [asking({"type": "plain_text_input", "max_length": 3001})],
    "input shortest above longest": [asking({"type": "plain_text_input", "min_length": 2, "max_length": 1})],
    "number input from words": [
        asking({"type": "number_input", "is_decimal_allowed": False, "min_value": "one"})
    ],
    "picture from nowhere": [{"type": "context", "elements": [{"type": "image", "alt_text": "x"}]}],
    "video title 200": [video(title=plain("x" * 200))],
    "image title 2001": [{**PICTURE, "title": plain("x" * 2001)}],
    "image alt text 2001": [{"type": "image", "image_url": "https://x.example", "alt_text": "x" * 2001}],
    "image url 3001": [{"type": "image", "image_url": "h" * 3001, "alt_text": "x"}],
    "image without source": [{"type": "image", "alt_text": "x"}],
    "block_id 256": [section(block_id="x" * 256)],
    "duplicate block_id": [section(block_id="b"), section(block_id="b")],
    "duplicate action_id": [actions(button("a"), button("a"))],
    "duplicate block_id in a container": [
        section(block_id="b"),
        {"type": "container", "child_blocks": [section(block_id="b")]},
    ],
    "focus twice": [
        actions(menu(1, focus_on_load=True)),
        asking({"type": "plain_text_input", "focus_on_load": True}),
    ],
    "unknown block": [{"type": "marquee", "text": "x"}],
    "block without type": [{"text": plain("x")}],
    "block that is a string": ["section"],
    "alert in a message": [{"type": "alert", "text": plain("x")}],
    "markdown 12001": [{"type": "markdown", "text": "x" * 12_001}],
    "markdown 12001 in two": [
        {"type": "markdown", "text": "x" * 6_001},
        {"type": "markdown", "text": "x" * 6_000},
    ],
    "table 101 rows": [table("table", rows(101))],
    "table 21 cells": [table("table", rows(1, 21))],
    "table 10001 characters": [table("table", [[raw("x" * 10_001)]])],
    "two tables": [table("table", rows(1)), table("table", rows(1))],
    "table ragged": [table("table", [*rows(1, 1), *rows(1, 2)])],
    "table empty cell": [table("table", rows(1, 1, ""))],
    "table 21 column settings": [table("table", rows(1), column_settings=[{}] * 21)],
    "data_table 202 rows": [table("data_table", rows(202))],
    "data_table header only": [table("data_table", rows(1))],
    "data_table 21 columns": [table("data_table", rows(2, 21))],
    "data_table no caption": [{"type": "data_table", "rows": rows(2)}],
    "data_table page size 101": [table("data_table", rows(2), page_size=101)],
    "data_table page size 0": [table("data_table", rows(2), page_size=0)],
    "data_table row header in no column": [table("data_table", rows(2, 2), row_header_column_index=2)],
    "data_table rich header": [table("data_table", [[rich()], [raw()]])],
    "data_table ragged": [table("data_table", [*rows(1, 2), *rows(1, 1)])],
    "data_table empty cell": [table("data_table", rows(2, 1, ""))],
    "data_table number without text": [table("data_table", [[raw()], [{"type": "raw_number", "value": 1}]])],
    "data_table 20001 characters": [table("data_table", [[raw("x" * 10_001)], [raw("x" * 10_000)]])],
    "data_tables 20001 together": [
        table("data_table", [[raw("x")], [raw("x" * 10_000)]]),
        table("data_table", [[raw("x")], [raw("x" * 9_999)]]),
    ],
    "chart title 51": [{**pie(1), "title": "x" * 51}],
    "three charts": [pie(1), pie(1), pie(1)],
    "pie 13": [pie(13)],
    "pie of nothing": [pie(1, value=0)],
    "pie label 21": [pie(1, label="x" * 20)],
    "13 series": [chart(series=series(13, 1))],
    "21 points": [chart(series=series(1, 21))],
    "series of one name": [chart(series=[*series(1, 1), *series(1, 1)])],
    "category missing": [chart(series=[*series(1, 2), *series(1, 1, name="t")])],
    "category twice": [
        chart(
            series=[{"name": "s", "data": [{"label": "l", "value": 1}] * 2}],
            axis_config={"categories": ["l", "l"]},
        )
    ],
    "axis label 51": [chart(series=series(1, 1), axis_config={"categories": ["l0"], "x_label": "x" * 51})],
    "chart without axes": [{**chart(), "chart": {"type": "line", "series": series(1, 1)}}],
    "unknown chart": [chart("radar", series=series(1, 1))],
    "container 11": [{"type": "container", "child_blocks": [DIVIDER] * 11}],
    "container with data_table": [{"type": "container", "child_blocks": [table("data_table", rows(2))]}],
    "card body 201": [{"type": "card", "body": plain("x" * 201)}],
    "carousel 11": [{"type": "carousel", "elements": [{"type": "card", "body": plain("x")}] * 11}],
    "task pending alone": [{"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}],
    "plan title an object": [{"type": "plan", "title": plain("x")}],
    "rich text unknown part": [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "blink"}]}]}
    ],
}

JUST_ENOUGH = {
    "50 blocks": [DIVIDER] * 50,
    "section text 3000": [section("x" * 3000)],
    "section 10 fields of 1300": [{"type": "section", "fields": [plain("x" * 1300)] * 10}],
    "section field 2000": [{"type": "section", "fields": [plain("x" * 2000)]}],
    "header 150 and level": [{"type": "header", "text": plain("x" * 150), "level": 4}],
    "context 10": [{"type": "context", "elements": [plain("x")] * 10}],
    "actions 25": [actions(*buttons(25))],
    "button text 75": [actions(button(text="x" * 75))],
    "button value 2000": [actions(button(value="x" * 2000))],
    "button action_id 255": [actions(button(action_id="x" * 255))],
    "confirm": [
        actions(button(confirm=confirm(title=plain("x" * 100), text=plain("x" * 300), deny=plain("x" * 30))))
    ],
    "select 100 options": [actions(menu(100))],
    "option at its limits": [actions({**menu(0), "options": [option("x" * 75, "v" * 150)]})],
    "overflow 5": [actions(menu(5, "overflow"))],
    "one action_id in two blocks": [actions(button("a")), actions(button("a"))],
    "100 groups": [actions({"type": "static_select", "action_id": "m", "option_groups": groups(100)})],
    "select starts with its own": [actions(menu(2, initial_option=option(value="1")))],
    "several choices beside a section": [
        section(accessory=menu(3, "multi_static_select", max_selected_items=2))
    ],
    "context_actions 5": [{"type": "context_actions", "elements": icons(5)}],
    "input at its limits": [
        asking({"type": "plain_text_input", "max_length": 3000}, hint=plain("x" * 2000), optional=True)
    ],
    "video": [video(title=plain("x" * 199), description=plain("x" * 200), author_name="x" * 49)],
    "axis labels 50": [
        chart(
            series=series(1, 1),
            axis_config={"categories": ["l0"], "x_label": "x" * 50, "y_label": "x" * 50},
        )
    ],
    "image": [{"type": "image", "image_url": "h" * 3000, "alt_text": "x" * 2000}],
    "block_id 255": [section(block_id="x" * 255)],
    "markdown 12000": [{"type": "markdown", "text": "x" * 12_000}],
    "table 100 rows of 20": [table("table", rows(100, 5))],
    "table 10000 characters": [table("table", [[raw("x" * 10_000)]])],
    "data_table 201 rows": [table("data_table", rows(201, 20))],
    "data_table with numbers": [
        table("data_table", [[raw()], [{"type": "raw_number", "value": 1.5, "text": "1.5"}]])
    ],
    "data_table page size 100": [table("data_table", rows(2), page_size=100, row_header_column_index=0)],
    "data_table last column as row header": [table("data_table", rows(2, 20), row_header_column_index=19)],
    "two charts": [pie(12), chart("bar", series=series(12, 20))],
    "chart below zero": [chart("area", series=[{"name": "s", "data": [{"label": "l", "value": -1}]}])],
    "container 10": [{"type": "container", "title": plain("x" * 150), "child_blocks": [DIVIDER] * 10}],
    "plan": [
        {
            "type": "plan",
            "title": "t",
            "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}],
        }
    ],
    "13200 characters": [section("x" * 3000)] * 4 + [section("x" * 1200)],
    "no blocks": [],
}
