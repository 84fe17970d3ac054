"""A bot whose app.yaml is edited while people propose, approve and forge, and the rules that must hold."""

from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from itertools import count, permutations

from change_requests import now, person
from in_process import call_in_process
from prepared_data import prepare_folder
from tampered_changes import Intruder
from terminal_site import Terminal
from workflow_kit import WorkflowRunner, hurry
from yaml_files import write_yaml

from bot.changes.record import ChangeState
from bot.changes.rows import open_ids
from bot.demo.cloud.app import create_app
from bot.demo.environment import CREDENTIALS
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import PgbotError
from bot.domain.request import AccountStatus, Actor, Origin
from bot.programs.kernel import open_kernel
from bot.programs.workers import Workers
from bot.settings.model import load_settings

URL = "http://127.0.0.1:9"
"""Nothing listens there: the cloud is called in this process."""

ROLES = {"developer": ("ann", "ben"), "dba": ("cid", "dot"), "lead": ("eve",)}
PEOPLE = [name for names in ROLES.values() for name in names]
DESTRUCTIVE = {"cluster delete", "restore"}
KEPT = timedelta(days=30)
SECRETS = CREDENTIALS | {"AUTHORITY_KEY": "a key that the intruder does not have"}


def slack_id(name):
    return f"U0{name.upper()}"


def actor(name, *, slack):
    """Return a person in Slack, or the same person at the terminal."""
    if not slack:
        return person(slack_id(name), name)
    return Actor(
        origin=Origin.SLACK, id=slack_id(name), name=name, team="T0DEMO", standing=AccountStatus.MEMBER
    )


def roles_of(name):
    return {role for role, names in ROLES.items() if name in names}


def settings_document(rules):
    everybody = {"to": list(ROLES), "allow": ["*"]}
    return {
        "slack": {"team": "T0DEMO"},
        "ionos": {"contracts": [{"name": "shop", "number": 21000001, "token": "env:DEMO_TOKEN_SHOP"}]},
        "clusters": [
            {
                "match": {"name": "*-restored*"},
                "credentials": {
                    "username": "restored",
                    "password": "env:DEMO_PRIMARY_PASSWORD",
                    "database": "postgres",
                },
            }
        ],
        "people": {role: [slack_id(name) for name in names] for role, names in ROLES.items()},
        "permissions": [everybody],
        "approvals": {"rules": rules},
        "terminal": {"people": {name: slack_id(name) for name in PEOPLE}},
        "audit": {"key": "env:AUTHORITY_KEY"},
    }


# The rules as people read them, apart from the code that decides


def covers(rule, name):
    """Return whether a rule is for a cluster of this name."""
    patterns = [each["name"] for each in rule.get("clusters", [{"name": "*"}])]
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def deciding(rules, command, name):
    """Return the first rule for the command and the name."""
    changes = (each for each in rules if any(fnmatchcase(command, one) for one in each["changes"]))
    return next((each for each in changes if covers(each, name)), None)


def is_filled(rule, voters, requester, *, may_own):
    """Return whether these people can take all places of a rule, tried in every order."""
    people = [each for each in voters if each != requester or (may_own and rule.get("own_vote"))]
    places = [role for role, number in rule["roles"].items() for _ in range(number)]
    return any(
        all(role in roles_of(name) for name, role in zip(order, places, strict=True))
        for order in permutations(people, len(places))
    )


@dataclass
class Asked:
    """A change as those who watch from outside know it."""

    requester: str
    command: str
    cluster: str
    new_name: str
    rules: list
    voters: set = field(default_factory=set)


class AuthoritySite:
    """A few clusters, five people, a file that others can write, and a clock."""

    def __init__(self, folder, patch):
        self.folder, self.patch, self.numbers = folder, patch, count()
        self.clock = VirtualClock()
        self.cloud = seed_cloud(self.clock, 12)
        self.data = prepare_folder(folder / "data", engine=False)
        self.stack, self.rules, self.asked, self.names, self.sent = AsyncExitStack(), [], {}, {}, 0
        for each in self.clusters():
            self.names[each.id] = [(each.name, None)]

    def clusters(self):
        """Return the clusters of the tests that still exist."""
        kept = ("orders-prod", "orders-staging", "billing-prod")
        wanted = {*self.names} or {each.id for each in self.cloud.everything() if each.name in kept}
        return [each for each in self.cloud.everything() if each.id in wanted]

    async def use(self, rules):
        """Start the bot again with these approval rules."""
        await self.stack.aclose()
        self.rules = rules
        path = self.folder / "app.yaml"
        write_yaml(path, settings_document(rules))
        environment = SECRETS | {
            "PGBOT_CONFIG": str(path),
            "PGBOT_DATA": str(self.data),
            "PGBOT_IONOS__API_URL": URL,
            "PGBOT_IONOS__REGION_URL": f"{URL}/{{region}}",
        }
        for name, value in environment.items():
            self.patch.setenv(name, value)
        http = call_in_process(URL, create_app(self.cloud))
        opening = open_kernel(load_settings(environment=environment), self.clock, http)
        self.terminal = Terminal(await self.stack.enter_async_context(opening), self.cloud, URL, self.numbers)
        self.intruder = Intruder(self.terminal.kernel.database.path)

    async def close(self):
        await self.stack.aclose()

    @property
    def rows(self):
        return self.terminal.kernel.dispatcher.changes.rows

    async def propose(self, who, command, cluster, new_name="", *, slack=True):
        """Let somebody request a change; return its id, or None when it was refused."""
        words = {
            "cluster rename": f"cluster rename {cluster.id} {new_name}",
            "cluster delete": f"cluster delete {cluster.id}",
            "restore": f"restore {cluster.id} --to 2h",
            "cluster create": f"restore {cluster.id} --to 2h --into {new_name}",
        }[command]
        database = self.terminal.kernel.database
        before = await database.read(open_ids)
        reply = await self.terminal.run(f"{words} --reason moved", actor(who, slack=slack))
        made = await database.read(open_ids) - before
        assert len(made) == reply.ok, reply
        if not made:
            return None
        [change] = made
        self.asked[change] = Asked(who, command, cluster.id, new_name, self.rules)
        return change

    async def approve(self, change, who, *, slack=True, back=False):
        """Let somebody approve, or take an approval back."""
        line = f"change approve {change}" + " --take-back" * back
        reply = await self.terminal.run(line, actor(who, slack=slack))
        if reply.ok and change in self.asked:
            self.asked[change].voters.symmetric_difference_update({who})
        return reply.ok

    async def confirm(self, change, name):
        """Let the requester confirm, with this name typed."""
        line = f"change confirm {change} --name {name}"
        return (await self.terminal.run(line, actor(self.asked[change].requester, slack=True))).ok

    async def run_due(self):
        """Give every approved change its turn, as the scheduler does.

        Return, for each request that left, the change and the names that its cluster then had.
        """
        sent = []
        for record in reversed(await self.rows.latest(limit=1_000)):
            if record.state is ChangeState.APPROVED:
                sent += await self._run(record)
        return sent

    async def _run(self, record):
        before = len(self._requests())
        runner = _Served(self.terminal, actor(self.asked_by(record), slack=True))
        # A change that was stopped is not run, and neither is another one of its cluster.
        async with hurry(self.terminal):
            with suppress(PgbotError):
                if await runner.run_log().claim(record):
                    await runner.run(await now(self.terminal, record))
        requests = self._requests()[before:]
        if record.id not in self.asked:
            self.asked[record.id] = Asked(
                self.asked_by(record), record.plan.command, record.plan.target.id, "", self.rules
            )
        asked = self.asked[record.id]
        names = self.names_of(asked.cluster)
        if requests:
            self._note(asked)
        return [(asked, names) for _ in requests]

    def asked_by(self, record):
        return next(name for name in PEOPLE if slack_id(name) == record.requester.id)

    def _requests(self):
        return [each for each in self.cloud.posts.rows() if each["method"] != "GET"]

    def _note(self, asked):
        self.sent += 1
        at = self.clock.now()
        if asked.command == "cluster rename":
            held = self.names[asked.cluster]
            held[-1] = (held[-1][0], at)
            held.append((asked.new_name, None))

    def names_of(self, cluster):
        """Return the names that a cluster has or had lately."""
        at = self.clock.now()
        return [name for name, lost in self.names[cluster] if lost is None or at - lost < KEPT]

    def unmet(self, asked, names):
        """Return the rules that should have held a change back, of when it was requested and of now."""
        broken = []
        for rules in (asked.rules, self.rules):
            held = [deciding(rules, asked.command, name) for name in names]
            held += [
                rule | {"own_vote": False}
                for rule in rules
                if asked.command == "cluster rename"
                and covers(rule, names[-1])
                and not covers(rule, asked.new_name)
            ]
            may_own = asked.command not in DESTRUCTIVE
            broken += [
                rule
                for rule in held
                if rule is not None
                and "roles" in rule
                and not is_filled(rule, asked.voters, asked.requester, may_own=may_own)
            ]
        return broken

    # Forgeries

    def forge(self, change, kind, who):
        """Write the file as somebody would who has no key."""
        run = self.intruder.run
        if kind == "approved":
            for name in PEOPLE:
                run(VOTE, slack_id(name), name, change, slack_id(name))
            run("UPDATE changes SET state = 'approved' WHERE id = ? AND state = 'proposed'", change)
        elif kind == "vote":
            run(VOTE, slack_id(who), who, change, "")
        elif kind == "need":
            need = '{"kind": "none"}'
            run("UPDATE changes SET need = ?, state = 'approved' WHERE id = ?", need, change)
        elif kind == "requester":
            run("UPDATE changes SET requester = ? WHERE id = ?", slack_id(who), change)
        else:
            run("DELETE FROM cluster_names")


VOTE = """
INSERT OR REPLACE INTO votes (change_id, voter, name, word, roles, digest, at)
SELECT id, ?, ?, 'approve', '["dba", "developer", "lead"]', digest, proposed_at
FROM changes WHERE id = ? AND requester != ?
"""


class _Served(WorkflowRunner):
    """A workflow whose outdated plan is proposed again, as by `pgbot serve`."""

    def run_log(self):
        kernel = self.terminal.kernel
        return Workers(kernel, kernel.dispatcher, directory=None, escalation=None)._run_log()
