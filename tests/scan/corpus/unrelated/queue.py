"""Runs on IONOS, and has nothing to do with its databases."""

import requests

BUSY = "BUSY"


def work(session, url):
    """Redis answers BUSY; the queue takes PATCH."""
    answer = requests.patch("https://queue.example.com/jobs/1", auth=("user", "password"), timeout=5)
    return answer.json()["_links"]["next"] if session.state != BUSY else None
