"""views.*: modals and the Home tab. Source: Slack documentation, "Modals"."""

from bot.demo.workspace.methods.registry import MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.validator import check_view
from bot.demo.workspace.views import OpenView


@method("views.open")
async def open_(call: MethodCall) -> Json:
    content, user = _content(call, "modal"), _trigger_user(call)
    return _shown(call, call.workspace.views.open(user, content))


@method("views.push")
async def push(call: MethodCall) -> Json:
    content, user = _content(call, "modal"), _trigger_user(call)
    return _shown(call, call.workspace.views.push(user, content))


@method("views.update")
async def update(call: MethodCall) -> Json:
    """Change an open view by its id or external id. Raises MethodRefusal `hash_conflict`."""
    view_id, external_id = call.text("view_id"), call.text("external_id")
    view = call.workspace.views.find(view_id, external_id)
    call.workspace.views.change(view, _content(call, str(view.content["type"])), call.text("hash"))
    return _shown(call, view)


@method("views.publish")
async def publish(call: MethodCall) -> Json:
    if not call.workspace.manifest.home_tab:
        raise MethodRefusal("not_enabled")
    content = _content(call, "home")
    user = call.required("user_id")
    if user not in call.workspace.people:
        raise MethodRefusal("user_not_found")
    return _shown(call, call.workspace.views.publish(user, content, call.text("hash")))


def _content(call: MethodCall, view_type: str) -> Json:
    content = call.structure("view", "invalid_arguments")
    if not isinstance(content, dict) or content.get("type") != view_type:
        raise MethodRefusal(
            "invalid_arguments", ("[ERROR] must be a view of another type [json-pointer:/view/type]",)
        )
    check_view(content)
    return content


def _trigger_user(call: MethodCall) -> str:
    return call.workspace.triggers.use(call.required("trigger_id"))


def _shown(call: MethodCall, view: OpenView) -> Json:
    call.workspace.name_blocks(view.content["blocks"])
    call.workspace.stream.announce("views", user=view.user)
    return {"view": view.json()}
