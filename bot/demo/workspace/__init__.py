"""A stand-in Slack: Web API, Socket Mode, signed HTTP and the people who use them, on one machine."""
