"""What every answer in Slack has besides what the command says: the line that repeats it, and buttons."""

from dataclasses import replace

from bot.commands.declaration import Registry
from bot.commands.dispatcher import CommandAnswer
from bot.commands.form_values import read_fillable
from bot.commands.parser import ParsedCommand, spell
from bot.domain.command_info import CommandEffect
from bot.domain.redaction import storable
from bot.domain.reply import Audience, Choice, Choices, Note, Part, Reply, Table
from bot.domain.request import Invocation


def dressed(answer: CommandAnswer, asked: Invocation, registry: Registry) -> Reply:
    """The reply with its line and buttons; after an error, the way to a form instead."""
    reply, parsed = answer.reply, answer.parsed
    if not reply.ok or parsed is None:
        return _with_form(reply, asked, registry)
    line = storable(spell(parsed.command, parsed.arguments))
    kept = f" --kept {answer.kept}" if answer.kept else ""
    parts: list[Part] = [_kept(part, kept) for part in reply.parts]
    again = _again(reply, parsed, line + kept, is_direct=asked.channel[:1] in {"", "D"})
    parts += [Choices(again)] if again else []
    return replace(reply, parts=(*parts, Note(f"{asked.line} {line}{_harmless(parsed)}")))


def _harmless(parsed: ParsedCommand) -> str:
    """The flags without which the line would do what it only looked at."""
    flags = {" --dry-run": parsed.manner.dry_run, " --as cli": parsed.manner.as_cli}
    return "".join(flag for flag, said in flags.items() if said)


def _kept(part: Part, kept: str) -> Part:
    """Further rows come from the same look at the cloud as the first."""
    return replace(part, again=part.again + kept) if isinstance(part, Table) and part.again else part


def _again(reply: Reply, parsed: ParsedCommand, line: str, *, is_direct: bool) -> tuple[Choice, ...]:
    """What else can be done with the answer of a command that only looks."""
    if parsed.command.effect is not CommandEffect.READ or parsed.command.open_to_all:
        return ()
    choices = []
    if reply.audience is Audience.PRIVATE and not is_direct and not parsed.manner.is_public:
        choices += [
            Choice("Share to channel", f"{line} --share"),
            Choice("Send to thread", f"{line} --thread"),
        ]
    if any(isinstance(part, Table) and part.rows for part in reply.parts):
        choices.append(Choice("CSV", f"{line} --csv"))
    return tuple(choices)


def _with_form(reply: Reply, asked: Invocation, registry: Registry) -> Reply:
    given = None if reply.ok else read_fillable(asked.text, registry)
    if given is None or storable(asked.text) != asked.text:
        # A line with a secret in it is not repeated, not even in a button of the one who typed it.
        return reply
    button = Choice("Fill in a form", f"{asked.text} --form")
    return replace(reply, parts=(*reply.parts, Choices((button,))))
