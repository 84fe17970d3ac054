"""A method's arguments, read from JSON, form, multipart or query, as Slack's SDKs send them."""

import json
from dataclasses import dataclass
from email.message import Message as Headers
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.demo.workspace.refusal import Json, MethodRefusal

_TRUE = {"1", "true", "True"}


@dataclass(frozen=True, slots=True)
class MethodArguments:
    """The arguments of one call. Every getter raises MethodRefusal for an unusable value."""

    values: Json

    def text(self, name: str) -> str:
        """Return the argument as text, empty if it is missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def required(self, name: str, code: str = "") -> str:
        """Return the argument as text. Raises MethodRefusal `code`, else `invalid_arguments`, without it."""
        value = self.text(name)
        if value:
            return value
        if code:
            raise MethodRefusal(code)
        raise MethodRefusal("invalid_arguments", (f"[ERROR] missing required field: {name}",))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean, in any spelling of JSON and forms."""
        value = self.values.get(name)
        return default if value is None else value is True or str(value) in _TRUE

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise MethodRefusal("invalid_arguments", (f"[ERROR] must be a number: {name}",)) from None

    def structure(self, name: str, code: str) -> Any:
        """Return a list or mapping, or one in JSON text; None if missing. Raises MethodRefusal `code`."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise MethodRefusal(code) from None
        if not isinstance(value, list | dict):
            raise MethodRefusal(code)
        return value


async def read_arguments(request: Request) -> MethodArguments:
    """Read query and body; the body wins. A token is read from a form only, as Slack does.

    Raises MethodRefusal `invalid_json`, `json_not_object` or `invalid_form_data`.
    """
    values: Json = {key: each for key, each in request.query_params.items() if key != "token"}
    body = await request.body() if request.method == "POST" else b""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return MethodArguments(values)
    if kind == "application/json":
        values |= {key: each for key, each in _from_json(body).items() if key != "token"}
    elif kind == "multipart/form-data":
        fields = split_multipart(body, request.headers["content-type"])
        values |= {name: content.decode(errors="replace") for name, content in fields.items()}
    else:
        values |= dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return MethodArguments(values)


def split_multipart(body: bytes, content_type: str) -> dict[str, bytes]:
    """Return the parts of a multipart body by name. Raises MethodRefusal `invalid_form_data`."""
    declared = Headers()
    declared["content-type"] = content_type
    boundary = declared.get_param("boundary")
    if not isinstance(boundary, str):
        raise MethodRefusal("invalid_form_data")
    parts: dict[str, bytes] = {}
    for piece in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = BytesHeaderParser().parsebytes(head).get_param("name", header="content-disposition")
        if isinstance(name, str):
            parts[name] = content.removesuffix(b"\r\n")
    return parts


def _from_json(body: bytes) -> Json:
    try:
        values = json.loads(body)
    except ValueError:
        raise MethodRefusal("invalid_json") from None
    if not isinstance(values, dict):
        raise MethodRefusal("json_not_object")
    return values
