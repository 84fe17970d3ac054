"""Refusals of the Slack simulator: Slack's own error word with Slack's details."""

from typing import Any

Json = dict[str, Any]


class MethodRefusal(Exception):
    """An answer of `{"ok": false, "error": code}`; `status` is 200, except 429 and 5xx, as Slack's is."""

    def __init__(
        self,
        code: str,
        messages: tuple[str, ...] = (),
        *,
        status: int = 200,
        extra: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.status = status
        self.extra = extra or {}
        self.headers = headers or {}

    def body(self) -> Json:
        body: Json = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            body["response_metadata"] = {"messages": list(self.messages)}
        return body
