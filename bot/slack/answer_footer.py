"""The footer of every answer in Slack: the command line that repeats it, and buttons."""

from dataclasses import replace

from bot.commands.declaration import Registry
from bot.commands.dispatcher import CommandAnswer
from bot.commands.form_values import read_fillable
from bot.commands.global_flags import spell_view
from bot.commands.parser import ParsedCommand, spell
from bot.domain.command_info import CommandEffect
from bot.domain.redaction import make_storable
from bot.domain.reply import Audience, Choice, Choices, Note, Part, Reply, Table
from bot.domain.request import Invocation
from bot.domain.table_columns import hidden_columns


def add_footer(answer: CommandAnswer, invocation: Invocation, registry: Registry) -> Reply:
    """Return the reply with its command line and buttons; after an error, with a button to a form instead.

    A refusal has no buttons.
    """
    reply, parsed = answer.reply, answer.parsed
    if not reply.ok or parsed is None:
        return reply if answer.is_denied else _add_form_button(reply, invocation, registry)
    line = make_storable(spell(parsed.command, parsed.arguments))
    view = spell_view(parsed.flags)
    view = f" {view}" if view else ""
    kept = f" --kept {answer.kept}" if answer.kept else ""
    parts: list[Part] = [_repeat_flags(part, view + kept) for part in reply.parts]
    follow_ups = _follow_ups(reply, parsed, line + kept, is_direct=invocation.channel[:1] in {"", "D"})
    parts += [Choices(follow_ups)] if follow_ups else []
    return replace(reply, parts=(*parts, Note(f"{invocation.line} {line}{view}{_safety_flags(parsed)}")))


def _safety_flags(parsed: ParsedCommand) -> str:
    """Return the flags without which repeating the line would carry out what was only previewed."""
    flags = {" --dry-run": parsed.flags.dry_run, " --as cli": parsed.flags.as_cli}
    return "".join(flag for flag, is_given in flags.items() if is_given)


def _repeat_flags(part: Part, flags: str) -> Part:
    """Let the button for further rows show the same columns of the same kept listing as the first rows."""
    return replace(part, again=part.again + flags) if isinstance(part, Table) and part.again else part


def _follow_ups(reply: Reply, parsed: ParsedCommand, line: str, *, is_direct: bool) -> tuple[Choice, ...]:
    """Offer the other columns, sharing and CSV for the answer of a read-only command."""
    if parsed.command.effect is not CommandEffect.READ or parsed.command.open_to_all:
        return ()
    tables = [part for part in reply.parts if isinstance(part, Table) and part.rows]
    same = " ".join(filter(None, (line, spell_view(parsed.flags))))
    choices = []
    if not parsed.flags.columns and any(hidden_columns(each) for each in tables):
        choices.append(Choice("Show all columns", f"{line} --wide"))
    if reply.audience is Audience.PRIVATE and not is_direct and not parsed.flags.is_public:
        choices += [
            Choice("Share to channel", f"{same} --share"),
            Choice("Send to thread", f"{same} --thread"),
        ]
    if tables:
        choices.append(Choice("CSV", f"{same} --csv"))
    return tuple(choices)


def _add_form_button(reply: Reply, invocation: Invocation, registry: Registry) -> Reply:
    given = None if reply.ok else read_fillable(invocation.text, registry)
    if given is None or make_storable(invocation.text) != invocation.text:
        # A line that holds a secret is not repeated, not even in a button for the person who typed it.
        return reply
    button = Choice("Fill in a form", f"{invocation.text} --form")
    return replace(reply, parts=(*reply.parts, Choices((button,))))
