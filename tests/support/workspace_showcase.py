"""Messages with every kind of block, to look at and click."""


def plain(text):
    return {"type": "plain_text", "text": text, "emoji": False}


def raw(*texts):
    return [{"type": "raw_text", "text": text} for text in texts]


CLUSTERS = [
    ("orders-prod", "AVAILABLE", "de/fra", "v1", "15", "3"),
    ("orders-staging", "BUSY", "de/fra", "v1", "15", "1"),
    ("billing-prod", "AVAILABLE", "de/txl", "v2", "16", "3"),
    ("<!channel>", "AVAILABLE", "es/vit", "v2", "14", "1"),
    ("reporting", "FAILED", "gb/lhr", "v1", "13", "2"),
    ("search-index", "AVAILABLE", "fr/par", "v2", "17", "2"),
    ("sessions", "UPDATING", "us/las", "v1", "15", "1"),
    ("telemetry", "AVAILABLE", "us/ewr", "v1", "12", "5"),
    ("audit-archive", "AVAILABLE", "de/fra", "v1", "15", "1"),
    ("identity", "AVAILABLE", "de/txl", "v2", "17", "3"),
    ("catalogue", "AVAILABLE", "us/mci", "v1", "16", "2"),
    ("payments", "DEGRADED", "de/fra", "v1", "15", "3"),
]

LIST_BLOCKS = [
    {"type": "header", "text": plain("12 clusters")},
    {
        "type": "data_table",
        "caption": "Clusters",
        "page_size": 10,
        "row_header_column_index": 0,
        "rows": [
            raw("Name", "State", "Region", "API", "Version", "Instances"),
            *(raw(*row) for row in CLUSTERS),
        ],
    },
    {
        "type": "context",
        "elements": [
            {
                "type": "plain_text",
                "text": "Looked at v1 and nine v2 regions. us/mci did not answer.",
                "emoji": False,
            }
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "share", "text": plain("Share to channel"), "style": "primary"},
            {"type": "button", "action_id": "csv", "text": plain("Get the full list as CSV")},
        ],
    },
]

CARD_BLOCKS = [
    {"type": "header", "text": plain("Restore orders-prod")},
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "verbatim": True,
            "text": "<@U0ALICE> asks to restore *orders-prod* to "
            "<!date^1795424400^{date_short_pretty} at {time}|20 Nov>. "
            "Reason: _bad deploy_ &lt;b&gt;, see `deploy 4711`.",
        },
        "fields": [
            {"type": "plain_text", "text": "Cluster: orders-prod", "emoji": False},
            {"type": "plain_text", "text": "Loses: 2 h 10 min of data", "emoji": False},
            {"type": "mrkdwn", "text": "Approvers: <!subteam^S0DBA>"},
            {
                "type": "mrkdwn",
                "text": ":hourglass_flowing_sand: Expires <!date^1795428000^{ago}|in an hour>",
            },
        ],
    },
    {"type": "divider"},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "style": "primary",
                "text": plain("Approve restore"),
                "confirm": {
                    "title": plain("Approve the restore?"),
                    "text": plain("The cluster is overwritten with its state of 10:00 UTC."),
                    "confirm": plain("Approve"),
                    "deny": plain("Go back"),
                },
            },
            {"type": "button", "action_id": "deny", "style": "danger", "text": plain("Deny")},
        ],
    },
]

REPORT_BLOCKS = [
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Connections, "},
                    {"type": "text", "text": "yesterday", "style": {"bold": True}},
                ],
            },
            {
                "type": "rich_text_preformatted",
                "elements": [
                    {"type": "text", "text": "SELECT count(*) FROM pg_stat_activity; -- <b>literal</b>"}
                ],
            },
        ],
    },
    {
        "type": "data_visualization",
        "title": "Connections",
        "chart": {
            "type": "line",
            "axis_config": {"categories": [f"{hour}:00" for hour in range(8, 18)], "y_label": "connections"},
            "series": [
                {
                    "name": name,
                    "data": [{"label": f"{hour}:00", "value": base + hour * step} for hour in range(8, 18)],
                }
                for name, base, step in (("orders-prod", 20, 5), ("billing-prod", 60, -2))
            ],
        },
    },
    {
        "type": "plan",
        "title": "Migration",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "Check", "status": "complete"}],
    },
]


async def post_showcase(client, channel="C0OPS"):
    """Post one message of each kind and return their timestamps."""
    listing = await client.chat_postEphemeral(
        channel=channel, user="U0ALICE", text="12 clusters", blocks=LIST_BLOCKS
    )
    card = await client.chat_postMessage(channel=channel, text="Restore orders-prod", blocks=CARD_BLOCKS)
    await client.chat_postMessage(channel=channel, text="Started", thread_ts=card["ts"])
    await client.files_upload_v2(
        content=b"name,state\norders-prod,AVAILABLE\n",
        filename="clusters.csv",
        title="All clusters",
        channel=channel,
    )
    await client.chat_postMessage(channel=channel, text="Connections", blocks=REPORT_BLOCKS)
    return listing["message_ts"], card["ts"]
