"""The audit log: rows that prove each other, anchors, verification, export and comparison with IONOS."""
