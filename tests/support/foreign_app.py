"""A small foreign app on slack_bolt alone, as a program: `foreign_app.py API_URL`."""

import logging
import sys
from threading import Event

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient


def words(text):
    return {"type": "plain_text", "text": text}


BUTTON = {"type": "button", "action_id": "order", "text": words("Order"), "value": "cake"}
FORM = {
    "type": "modal",
    "callback_id": "order",
    "title": words("Order"),
    "submit": words("Send"),
    "blocks": [
        {
            "type": "input",
            "block_id": "slices",
            "label": words("Slices"),
            "element": {"type": "plain_text_input", "action_id": "count"},
        }
    ],
}


def make_app(url):
    app = App(client=WebClient(token="xoxb-demo", base_url=url), signing_secret="demo-signing-secret")

    @app.command("/cake")
    def ask(ack, respond):
        ack()
        respond(text="Cake?", blocks=[{"type": "actions", "elements": [BUTTON]}])

    @app.action("order")
    def open_form(ack, body, client):
        ack()
        client.views_open(
            trigger_id=body["trigger_id"], view={**FORM, "private_metadata": body["channel"]["id"]}
        )

    @app.view("order")
    def take(ack, body, view, client):
        count = view["state"]["values"]["slices"]["count"]["value"]
        if not count.isdecimal():
            ack(response_action="errors", errors={"slices": "A number, please."})
            return
        ack()
        client.chat_postMessage(
            channel=view["private_metadata"], text=f"<@{body['user']['id']}> takes {count}"
        )

    return app


def main(url):
    # Bolt's own notes go to stderr; the parent reads "ready" from stdout.
    logging.basicConfig(level=logging.ERROR)
    handler = SocketModeHandler(
        make_app(url), "xapp-demo", web_client=WebClient(token="xapp-demo", base_url=url)
    )
    handler.connect()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
