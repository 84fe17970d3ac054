"""A file that a person puts into a form: kept when it is chosen, before the form is sent."""

from bot.demo.workspace.refusal import MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.uploaded_files import LARGEST, UploadedFile
from bot.demo.workspace.user_actions import actor


def attach(workspace: WorkspaceState, *, user: str, name: str, content: bytes) -> UploadedFile:
    """Keep it. Raises Refusal `file_upload_size_restricted`, and what `actor` raises."""
    person = actor(workspace, user)
    if len(content) > LARGEST:
        raise MethodRefusal("file_upload_size_restricted")
    created = int(workspace.clock.now().timestamp())
    file = workspace.files.announce(name=name, length=len(content), user=person.id, created=created)
    file.content = content
    file.completed = True
    return file
