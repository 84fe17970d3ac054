"""The Web API methods of the Slack simulator, one module per family."""
