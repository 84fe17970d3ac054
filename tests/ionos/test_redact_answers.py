"""No secret that is sent, or that comes back, shows in an error, a record or a representation."""

import base64
import json
from dataclasses import replace

import httpx
import pytest
from api_fakes import TOKEN, V1_PLACE, V2_PLACE, FakeCloud, StepClock, transport, v2_cluster
from api_values import NEW_V1, NEW_V2, PASSWORD, USER
from pydantic import SecretStr

from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import CloudError, Rejected, UnreadableAnswer
from bot.ionos.base_client import AnsweredCall, WriteIntent
from bot.ionos.credentials import ContractAccess
from bot.ionos.http_errors import HttpAnswer, HttpCall, hide_secrets
from bot.ionos.transport import Transport, TransportOptions
from bot.ionos.v1.client import V1Client
from bot.ionos.v2.client import V2Client
from bot.runtime.request_context import collect_requests

pytestmark = pytest.mark.anyio

LOGIN = ContractAccess(name="main", username=SecretStr("me"), password=SecretStr("canary-own-77"))
BASIC = base64.b64encode(b"me:canary-own-77").decode()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"


def refuse_and_repeat(request: httpx.Request) -> httpx.Response:
    """Refuse, and repeat the whole request in each place that an error has for words."""
    if request.method == "GET":
        return httpx.Response(200, json=v2_cluster(1))
    sent = json.loads(request.content)["properties"]
    password = sent.get("password") or sent["credentials"]["password"]
    words = f"{password} with {request.headers['authorization']}"
    entry = {"message": words, "errorCode": words}
    headers = {"x-request-id": words}
    return httpx.Response(422, headers=headers, json={"httpStatus": 422, "messages": [entry]})


WRITES = {
    "v1 create": lambda sender: V1Client(sender, V1_PLACE).create_cluster(NEW_V1, USER),
    "v1 user": lambda sender: V1Client(sender, V1_PLACE).create_user("id", USER),
    "v1 password": lambda sender: V1Client(sender, V1_PLACE).change_password("id", USER),
    "v2 create": lambda sender: V2Client(sender, V2_PLACE).create_cluster(NEW_V2, USER),
    "v2 change": lambda sender: V2Client(sender, V2_PLACE).change_cluster(
        v2_cluster(1)["id"], ClusterChange(cores=3), USER
    ),
}


@pytest.mark.parametrize(
    "access", [LOGIN, ContractAccess(name="main", token=SecretStr(TOKEN))], ids=["basic", "token"]
)
@pytest.mark.parametrize("write", WRITES)
async def test_what_a_refused_write_carried_is_hidden_wherever_the_api_repeats_it(write, access):
    requests = collect_requests()
    sender = transport(FakeCloud(refuse_and_repeat), access=access)

    with pytest.raises(Rejected) as caught:
        await WRITES[write](sender)

    fault = caught.value.fault
    said = repr((*fault.messages, *fault.codes, requests, caught.value, fault))
    for secret in (PASSWORD, "canary-own-77", BASIC, TOKEN):
        assert secret not in said
    echoed = f"[hidden] with {'Bearer' if access.has_token else 'Basic'} [hidden]"
    assert fault.messages == (echoed,)
    assert fault.codes == (echoed,)
    assert requests[-1].request_id == echoed


@pytest.mark.parametrize("status", [200, 401, 500])
async def test_a_token_in_the_answer_to_a_read_is_hidden(status):
    raw = {"messages": [{"message": f"wrong token {TOKEN}", "errorCode": TOKEN}]}
    sender = transport(lambda _request: httpx.Response(status, json=raw))

    with pytest.raises(CloudError) as caught:
        await V1Client(sender, V1_PLACE).users("id")

    assert caught.value.fault.messages == ("wrong token [hidden]",)
    assert caught.value.fault.codes == ("[hidden]",)


async def test_a_token_in_an_answer_that_cannot_be_read_is_hidden():
    raw = {"messages": [{"message": TOKEN}]}
    sender = transport(lambda _request: httpx.Response(200, json=raw))

    with pytest.raises(UnreadableAnswer) as caught:
        await V2Client(sender, V2_PLACE).change_cluster("id", ClusterChange(cores=3), USER)

    assert caught.value.fault.messages == ("[hidden]",)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Basic bWU6c2VjcmV0", "Authorization: [hidden]"),
        ("got 'bearer abcdef-12.3' here", "got '[hidden]' here"),
        (f"token {JWT} expired", "token [hidden] expired"),
        ("Basic authentication is off", "Basic authentication is off"),
        ("Use the Basic Login", "Use the Basic Login"),
    ],
)
def test_whatever_looks_like_a_login_is_hidden_though_nobody_knows_it(text, left):
    assert hide_secrets(text, ()) == left


def test_a_secret_inside_another_does_not_leave_its_rest():
    assert hide_secrets("canary-long-one", ("canary", "", "canary-long-one")) == "[hidden]"


async def test_nothing_that_holds_a_secret_shows_it():
    call = HttpCall(place=V1_PLACE, method="POST", path="/x", secrets=(PASSWORD,))
    answer = HttpAnswer(
        422, httpx.Headers({"x-echo": PASSWORD}), json.dumps({"messages": [PASSWORD]}).encode()
    )
    fault = call.fault(
        replace(answer, body=b'{"messages": [{"message": "an unknown canary", "errorCode": "e"}]}')
    )
    intent = WriteIntent("is {about} listed?", "x", secrets=(PASSWORD,))

    shown = repr((call, answer, AnsweredCall(call, answer), intent, fault))

    assert PASSWORD not in shown
    assert "canary" not in shown
    assert fault.messages == ("an unknown canary",)


async def test_what_is_about_to_be_sent_does_not_show_in_a_traceback():
    """Some loggers show a failure with the values of its frames: none of them may leak."""
    shown = []

    def fail(_request):
        raise RuntimeError

    sender = Transport(LOGIN, StepClock(), TransportOptions(http=lambda: httpx.MockTransport(fail)))
    with pytest.raises(RuntimeError) as caught:
        await V1Client(sender, V1_PLACE).create_user("id", USER)

    trace = caught.value.__traceback__
    while trace is not None:
        values = trace.tb_frame.f_locals
        shown += [repr(values[name]) for name in ("call", "sending", "self", "intent") if name in values]
        trace = trace.tb_next
    assert any(text.startswith("_Attempt") for text in shown)
    assert [text for text in shown if PASSWORD in text or "canary-own-77" in text] == []
