"""The web page over the stand-in Slack: channels, messages, buttons and dialogs, as a person sees them."""
