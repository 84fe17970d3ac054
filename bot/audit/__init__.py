"""The audit log beyond its rows: anchors, who may see what, export and the second witness."""
