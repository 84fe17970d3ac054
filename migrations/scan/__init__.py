"""The scan of consumers: what in a tree of files still speaks API v1."""
