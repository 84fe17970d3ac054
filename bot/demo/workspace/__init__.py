"""A Slack simulator: Web API, Socket Mode, signed HTTP, and people, on one machine."""
