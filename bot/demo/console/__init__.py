"""The web page of the Slack simulator: channels, messages, buttons and dialogs, as a person sees them."""
