"""A foreign app with a form of every kind of input, a card for two voters, and a Home tab."""

from slack_bolt.app.async_app import AsyncApp


def words(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": words(value.capitalize()), "value": value}


def asked(name, label, element, **more):
    return {
        "type": "input",
        "block_id": name,
        "label": words(label),
        "element": {"action_id": name, **element},
        **more,
    }


def menu(kind, **more):
    return {"type": kind, "options": [option("red"), option("green"), option("blue")], **more}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": words("New database"),
    "submit": words("Create"),
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "It takes *two minutes*."}},
        asked("name", "Name", {"type": "plain_text_input"}, hint=words("Letters and dashes")),
        asked("city", "City", {"type": "external_select", "min_query_length": 1}),
        asked(
            "tags", "Tags", {"type": "multi_external_select", "min_query_length": 1, "max_selected_items": 2}
        ),
        asked("colour", "Colour", menu("static_select")),
        asked("size", "Size", menu("radio_buttons"), optional=True),
        asked("extras", "Extras", menu("checkboxes"), optional=True),
        asked("owner", "Owner", {"type": "users_select"}),
        asked(
            "room",
            "Room",
            {
                "type": "conversations_select",
                "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
            },
            optional=True,
        ),
        asked("day", "Day", {"type": "datepicker"}),
        asked("time", "Time", {"type": "timepicker"}),
        asked("moment", "Moment", {"type": "datetimepicker"}, optional=True),
        asked(
            "start", "Start", {"type": "datetimepicker", "initial_date_time": 1_783_000_800}, optional=True
        ),
        asked(
            "papers",
            "Papers",
            {"type": "file_input", "filetypes": ["csv", "txt"], "max_files": 2},
            optional=True,
        ),
        asked("count", "Instances", {"type": "number_input", "is_decimal_allowed": False}, optional=True),
        asked("note", "Note", {"type": "plain_text_input", "multiline": True}, optional=True),
    ],
}

CARD = [
    {"type": "section", "block_id": "said", "text": {"type": "mrkdwn", "text": "*Restore* needs two votes"}},
    {
        "type": "actions",
        "block_id": "votes",
        "elements": [
            {
                "type": "button",
                "action_id": "vote",
                "text": words("Approve"),
                "style": "primary",
                "confirm": {
                    "title": words("Approve it?"),
                    "text": words("The cluster is overwritten."),
                    "confirm": words("Yes, approve"),
                    "deny": words("Go back"),
                },
            }
        ],
    },
]


def home(text):
    buttons = [{"type": "button", "action_id": "refresh", "text": words("Refresh")}]
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": words(text)},
            {"type": "actions", "block_id": "home", "elements": buttons},
        ],
    }


def make_app(client, seen):
    """Return the app; `seen` collects (name, payload) of everything that reaches a listener."""
    app = AsyncApp(client=client, signing_secret="demo-signing-secret", process_before_response=True)
    listen_to_commands(app)
    listen_to_the_form(app, seen)
    listen_to_the_card(app)
    listen_to_the_home_tab(app)
    listen_to_shortcuts(app)
    return app


def listen_to_commands(app):
    @app.command("/pg")
    async def command(ack, body, client):
        await ack()
        if body["text"] == "form":
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)
        if body["text"] == "card":
            await client.chat_postMessage(channel=body["channel_id"], text="Restore", blocks=CARD)


def listen_to_the_form(app, seen):
    @app.options("city")
    @app.options("tags")
    async def suggest(ack, body):
        names = [f"{body['value']}-{end}" for end in ("north", "south")]
        await ack(options=[option(name) for name in names])

    @app.view("form")
    async def form(ack, body):
        values = body["view"]["state"]["values"]
        seen.append(("form", values))
        if values["name"]["name"]["value"] == "Taken":
            await ack(response_action="errors", errors={"name": "That name is taken.", "day": "Too soon."})
            return
        await ack()


def listen_to_shortcuts(app):
    @app.global_shortcut("start")
    async def start(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.message_shortcut("look")
    async def look(ack, body, client):
        await ack()
        place = {"channel": body["channel"]["id"], "thread_ts": body["message"]["ts"]}
        await client.chat_postMessage(**place, text=f"{body['message']['text']} was looked into")


def listen_to_the_card(app):
    voters = []

    @app.action("vote")
    async def vote(ack, body, client):
        await ack()
        voters.append(body["user"]["id"])
        people = " and ".join(f"<@{voter}>" for voter in voters)
        enough = len(set(voters)) > 1
        text = f"*Approved* by {people}" if enough else f"One vote, by {people}"
        said = {"type": "section", "block_id": "said", "text": {"type": "mrkdwn", "text": text}}
        blocks = [said] if enough else [said, CARD[1]]
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**place, text=text, blocks=blocks)


def listen_to_the_home_tab(app):
    @app.event("app_home_opened")
    async def opened(body, client):
        await client.views_publish(user_id=body["event"]["user"], view=home("Your clusters"))

    @app.action("refresh")
    async def refresh(ack, body, client):
        await ack()
        await client.views_publish(user_id=body["user"]["id"], view=home("Refreshed"))
