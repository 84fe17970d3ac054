"""Slack's error words as sentences for the person who has to act on them."""

from bot.domain.errors import SlackError
from bot.domain.phrases import join_names
from bot.domain.slack_trouble import KNOWN, SlackTrouble, trouble_of

BLOCKS_REFUSED = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "msg_blocks_too_long",
        "only_one_table_allowed",
    }
)
"""Refusals of a whole message because of its blocks; a simpler message may pass (slack-facts, 3.3)."""

NO_ANSWER = "no_answer"
"""Our own word for a call without an answer, which may or may not have been carried out."""

NOT_CONNECTED = "not_connected"
"""Our own word for a call that was never sent: no connection was made."""

LACKS_SCOPE = frozenset({"missing_scope", "no_permission"})
"""Refusals because the app lacks a scope."""

_INSTALL = "Print the manifest with `pgbot manifest`, update the app with it and install it again."
_GRANT = "Ask a workspace admin to approve the app. `pgbot manifest` prints the scopes that it asks for."
_TOKEN = "Put the app's current bot token where app.yaml or SLACK_BOT_TOKEN says."  # noqa: S105 - a sentence
_MEANING = {
    "not_in_channel": (
        "The bot is not in that channel.",
        "Invite the bot: type `/invite @…` with its name in the channel.",
    ),
    "channel_not_found": (
        "Slack doesn't know this channel, or it is private and the bot is not in it.",
        "Check the channel's id, and invite the bot with `/invite @…`.",
    ),
    "is_archived": ("That channel is archived.", "Name another channel, or unarchive it."),
    "restricted_action": (
        "The workspace does not let the bot post in that channel.",
        "Ask a workspace admin to allow it, or name another channel.",
    ),
    "user_not_in_channel": ("That person is not in the channel.", "Send them a direct message instead."),
    "user_not_found": ("Slack doesn't know this person.", "Check the user id: it begins with U or W."),
    "no_such_subteam": (
        "Slack doesn't know this user group, or it is disabled.",
        "Check the group's id: it begins with S.",
    ),
    "cannot_dm_bot": ("Bots can't send messages to bots in Slack.", ""),
    "user_disabled": ("That person's account is deactivated.", ""),
    "message_not_found": ("The message to edit is gone.", "Post a new one."),
    "cant_update_message": ("Slack does not let the bot edit that message.", "Post a new one."),
    "edit_window_closed": ("The workspace no longer lets that message be edited.", "Post a new one."),
    "msg_too_long": ("The message is too long for Slack.", ""),
    "missing_scope": ("The app lacks a permission in Slack.", _INSTALL),
    "no_permission": ("The app lacks a permission in Slack.", _INSTALL),
    "not_allowed_token_type": (
        "Slack does not take this kind of token for the call.",
        "Put the bot token (xoxb-…) into SLACK_BOT_TOKEN, and the app-level token (xapp-…) into "
        "SLACK_APP_TOKEN. An app made with `pgbot manifest` has both.",
    ),
    "access_denied": ("The workspace does not let the app do this.", _GRANT),
    "app_not_installed": ("The app is not installed in this workspace.", _INSTALL),
    "team_access_not_granted": ("The organization has not given the app access to this workspace.", _GRANT),
    "not_authed": ("No bot token was sent to Slack.", _TOKEN),
    "invalid_auth": ("Slack refuses the bot token.", _TOKEN),
    "token_revoked": ("The bot token was revoked.", _TOKEN),
    "token_expired": ("The bot token has expired.", _TOKEN),
    "account_inactive": ("The bot's account in Slack is deactivated.", _INSTALL),
    "ratelimited": ("Slack asks the bot to slow down, for longer than it can wait.", "Try again later."),
    NOT_CONNECTED: ("Slack cannot be reached.", "If it lasts, check the network and slack.api_url."),
    NO_ANSWER: ("Slack did not answer.", "Check whether the message is there before you try again."),
}


_ADVICE = {
    SlackTrouble.LATER: "Try again later.",
    SlackTrouble.WORKSPACE: "`pgbot check` says what the app or its token lacks.",
    SlackTrouble.CONVERSATION: "Try another channel or person.",
    SlackTrouble.MESSAGE: "The bot's log has the message's trace; try it in another form.",
}
"""What helps where a word has no advice of its own."""


def slack_error(code: str, *, needed: str = "", provided: str = "") -> SlackError:
    """Return the error for Slack's word `code`; `needed` are missing scopes and `provided` the app's own."""
    general = code.removesuffix("_non_threadable_channel").removesuffix("_thread_only_channel")
    known = f"Slack refused: {code or 'no reason given'}."
    unknown = f"Slack refused with “{code}”, which this release doesn't know."
    sentence, next_step = _MEANING.get(general, (known if code in KNOWN or not code else unknown, ""))
    next_step = next_step or _ADVICE[trouble_of(code)]
    if needed:
        has = f" It has {join_names(_scopes(provided))}." if _scopes(provided) else ""
        scope = f"the scope {' or '.join(_scopes(needed))}.{has}"
        is_lacking = code in LACKS_SCOPE
        sentence = f"{sentence.rstrip('.')}: {scope}" if is_lacking else f"{sentence} It needs {scope}"
        next_step = _INSTALL if code not in _MEANING else next_step
    return SlackError(sentence, next_step, code=code)


def _scopes(listed: str) -> list[str]:
    return sorted({each.strip() for each in listed.split(",") if each.strip()})
