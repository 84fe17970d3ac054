"""The Web API methods of the stand-in Slack, one module per family."""
