"""The lease that one of several bots with the same Slack app holds: only its holder sends anything.

Slack offers no compare-and-set, but a channel has one order and one clock, which stamps its messages. A
claim is a message. Of the claims that are in force the earliest holds, so that a bot which posts one and then
reads the channel knows whether it holds, and a bot that posts later learns the same. The stamp of the claim
is the lease's epoch: a later holder has a greater one.

Nobody may hold while another believes to hold. A holder counts its term from before it asked Slack, stops
`MARGIN` before the end, and never extends a claim whose term has passed; others wait `MARGIN` beyond what the
claim says. So pauses, slow answers and lost ones cost time, and never make two holders.

A call without an answer may reach Slack later: an extension then shortens the claim, and a takeover removes
another's claim at a time that nobody knows. Each is reckoned with until that is no longer possible.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.domain.errors import BadArgument, PgbotError, SlackError
from bot.domain.slack_trouble import SlackTrouble
from bot.runtime.clock import Clock
from bot.runtime.health_page import Health
from bot.runtime.lease_store import ClaimBoard, ClaimGone, LastClaim, LeaseClaim, LeaseHolder, LeaseRow
from bot.runtime.lease_times import LONGEST_CLAIM, MARGIN, TERM, HeldClaim, LeaseMoment, PostedClaim
from bot.runtime.logger import get_logger

log = get_logger()

RENEW_SECONDS = 25.0
"""Seconds from one renewal to the next: two calls of Slack a minute, of the 50 that it allows."""

RETRY_SECONDS = 5.0
"""Seconds until the next try after Slack has not answered."""

LOOK_BACK = 2 * LONGEST_CLAIM
"""Seconds that a channel is read back for claims."""

TAKEOVER_SECONDS = 15.0
"""Seconds that Slack has to remove the former holder's claim in a takeover."""


class BotLease:
    """The lease of this process, which `run` claims and renews; in between, others may hold it."""

    def __init__(self, board: ClaimBoard, store: LeaseRow, clock: Clock, holder: LeaseHolder) -> None:
        self.holder = holder
        self.before_succeeding: Callable[[], Awaitable[None]] | None = None
        """Runs before this bot holds where another may have held since; if it raises, this one does not."""
        self._board, self._store, self._clock = board, store, clock
        self._held: HeldClaim | None = None
        self._other: LeaseClaim | None = None
        self._trouble = ""
        self._is_misplaced = False
        """Slack refuses the channel or the app, which says nothing about another bot."""
        self._last_posted: PostedClaim | None = None
        self._leftovers: set[str] = set()
        """Stamps of own claims that don't count and may still be in the channel."""
        self._turn = asyncio.Lock()
        self._granted = asyncio.Event()
        self._logged: tuple[bool, LeaseHolder | None] = (True, None)

    # What others ask

    @property
    def epoch(self) -> str:
        """Return the epoch of the lease, empty while it is not held."""
        return self._held.posted.stamp if self._held else ""

    def obstacle(self, seconds: float = 0.0) -> str:
        """Return why this bot may not send now and for so many seconds, in a sentence; "" where it may."""
        now, held = self._now(), self._held
        if held is None or held.left(now) <= 0:
            return self._why_not_held()
        if held.counts_from:
            words = (
                "This bot holds the Slack app now, but sends nothing until the former holder's term is over: "
                f"{max(held.counts_in(now), 0.0):.0f} more seconds."
            )
            return f"{words} {self._trouble}".rstrip()
        if held.left(now) < seconds:
            return "Slack has not confirmed for a while that no other bot sends changes. The bot asks again."
        return ""

    def other_holder(self) -> LeaseHolder | None:
        """Return the bot that holds the lease in place of this one; None where none is known to."""
        is_held = self._held is not None and self._held.left(self._now()) > 0
        return None if is_held or self._other is None else self._other.holder

    def has_rival(self) -> bool:
        """Return whether another bot holds the lease, or may still send to the end of its term."""
        is_waiting = self._held is not None and self._held.counts_from > 0
        return is_waiting or self.other_holder() is not None

    async def unopposed(self) -> None:
        """Wait while another bot may be at work in place of this one. A channel that can keep no lease, such
        as an archived one, stops what is sent to the cloud, but not the words about it."""
        while self.obstacle() and not self._is_misplaced:
            self._granted.clear()
            await self._granted.wait()

    async def health(self) -> Health:
        """Say what keeps this bot from sending."""
        return Health(self.obstacle())

    def _why_not_held(self) -> str:
        if self._other is not None:
            why = f" It can't become the holder: {self._trouble}" if self._trouble else ""
            return (
                f"{self._other.holder} holds this Slack app. The bot that answers you ({self.holder.host}, "
                f"data folder {self.holder.folder}) only reads, and sends nothing.{why}"
            )
        why = f": {self._trouble}" if self._trouble else "."
        return f"Slack does not confirm that no other bot uses this app{why}"

    # Turns

    async def run(self) -> None:
        """Keep the lease, or watch who has it, for ever."""
        while True:
            await self._clock.sleep(self._pause())
            await self.turn()

    async def turn(self) -> None:
        """Claim or renew the lease, or look who has it. What fails is tried again at the next turn."""
        async with self._turn:
            await self._try()

    async def renew_for(self, seconds: float) -> None:
        """Renew the lease unless it lasts so many seconds."""
        async with self._turn:
            if self.obstacle(seconds):
                await self._try()

    def _pause(self) -> float:
        held = self._held
        if self._trouble or (held is not None and not held.is_confirmed):
            return RETRY_SECONDS
        if held is None:
            return RENEW_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - no secret: two that wait are not in step
        return (
            min(max(held.counts_in(self._now()), 1.0), RENEW_SECONDS) if held.counts_from else RENEW_SECONDS
        )

    async def _try(self) -> None:
        try:
            if self._held is not None:
                await self._renew(self._held)
            elif self._other is None or await self._is_over(self._other):
                await self._claim()
            self._trouble, self._is_misplaced = "", False
        except PgbotError as error:
            self._trouble = error.sentence
            is_refused = isinstance(error, SlackError) and error.trouble is not SlackTrouble.LATER
            self._is_misplaced = is_refused and self._other is None
        self._settle()

    def _settle(self) -> None:
        """Wake who waits for the lease, and log what has changed."""
        why = self.obstacle()
        if not why or self._is_misplaced:
            self._granted.set()
        now = (not why, self.other_holder())
        if now != self._logged:
            self._logged = now
            log.warning("sending again" if not why else "sending nothing", why=why, epoch=self.epoch)

    async def _renew(self, held: HeldClaim) -> None:
        now = self._now()
        if held.left(now) <= 0 or not held.is_fresh(now):
            await self._claim(held)
            return
        until = held.posted.at_most(now) + TERM
        try:
            await self._board.extend(LeaseClaim(holder=self.holder, stamp=held.posted.stamp, until=until))
        except ClaimGone:
            self._held = None
            await self._claim()
            return
        except SlackError as error:
            if error.is_outcome_unknown:
                self._held = replace(held, unanswered=(*held.unanswered, now))
            raise
        if held.left(self._now()) <= 0:
            # The answer came after the term: in between another bot may have seen that it was over.
            await self._claim(held)
            return
        self._held = held = held.extended(now)
        if held.counts_from and held.counts_in(now) <= 0:
            # The former holder may have sent until now.
            await self._look_at_data()
            self._held = held = replace(held, counts_from=0.0, is_confirmed=False)
        if not held.is_confirmed:
            await self._confirm(held)

    async def _confirm(self, held: HeldClaim) -> None:
        """Read the channel once more, as an earlier claim may come to light late."""
        claims = await self._read(held.posted)
        other = self._find_earlier(held.posted.stamp, claims, held.posted.at_least(self._now()))
        if other is None:
            self._held = replace(held, is_confirmed=True)
            await self._remove_own(held, claims)
        else:
            await self._give_way(other)

    async def _claim(self, former: HeldClaim | None = None) -> None:
        """Post a claim, and hold the lease if no earlier one is in force."""
        posted = await self._post(LeaseClaim(holder=self.holder))
        claims = await self._read(posted)
        if not self._now().agrees(posted.asked):
            raise SlackError("This machine slept, or its clock was set, while it asked.")
        other = self._find_earlier(posted.stamp, claims, float(posted.stamp))
        if other is None:
            await self._succeed(posted, claims, former)
            return
        is_held = former is not None and former.left(self._now()) > 0
        if is_held and former is not None and other.stamp > former.posted.stamp > other.ends:
            # It has lost to the former claim and goes away; until then that one may not be removed.
            await self._remove(posted.stamp)
            raise SlackError("Another bot is just asking for the lease.")
        await self._give_way(other)

    async def _succeed(
        self, posted: PostedClaim, claims: Sequence[LeaseClaim], former: HeldClaim | None
    ) -> None:
        """Hold the lease, as no earlier claim is in force. Raises SlackError, and what comes of a look at the
        data."""
        counts_from = await self._find_beginning(posted, claims)
        earlier = [each for each in claims if each.stamp < posted.stamp]
        # First those of others: a bot whose claim is still there knows that nobody has held in between.
        for each in earlier:
            if not self._is_mine(each):
                await self._board.remove(each.stamp)
        if former is None or all(each.stamp != former.posted.stamp for each in earlier):
            await self._look_at_data()
        held = HeldClaim(posted=posted, renewed=posted.asked, counts_from=counts_from)
        await self._hold(held)
        await self._remove_own(held, earlier)

    async def _remove_own(self, held: HeldClaim, claims: Sequence[LeaseClaim]) -> None:
        """Remove earlier claims of this folder. Until the held one counts, that of a takeover that got stuck
        may keep others away for longer."""
        for each in claims:
            if not held.counts_from and each.stamp < held.posted.stamp and self._is_mine(each):
                await self._remove(each.stamp)

    async def _find_beginning(self, posted: PostedClaim, claims: Sequence[LeaseClaim]) -> float:
        """Return the time of Slack's from which on the claim counts; 0 for at once."""
        last = await self._store.last()
        counts_from = last.counts_from
        is_removal = counts_from == LastClaim.UNKNOWN or any(self._is_takeover(each) for each in claims)
        if is_removal or self._may_be_elsewhere(last, claims):
            counts_from = max(counts_from, posted.at_most(self._now()) + TERM + MARGIN)
        return counts_from if counts_from > float(posted.stamp) else 0.0

    def _is_takeover(self, claim: LeaseClaim) -> bool:
        """Return whether another bot's takeover got stuck: at any time it may have removed a claim."""
        return claim.ends != "" and not self._is_mine(claim)

    async def _look_at_data(self) -> None:
        if self.before_succeeding is not None:
            await self.before_succeeding()

    def _may_be_elsewhere(self, last: LastClaim, claims: Sequence[LeaseClaim]) -> bool:
        """Return whether the folder's last holder may be at work elsewhere with its claim out of sight: this
        folder is a copy, and the message was removed or is in a channel that is no longer named."""
        is_ours = last.is_released or (last.home != "" and last.home == self.holder.home)
        return not is_ours and all(each.stamp < last.stamp or self._is_mine(each) for each in claims)

    async def _post(self, claim: LeaseClaim, seconds: float = TERM) -> PostedClaim:
        asked = self._now()
        stamp = await self._board.post(claim, seconds)
        self._leftovers.add(stamp)
        self._last_posted = PostedClaim(stamp, asked, self._now())
        return self._last_posted

    async def _read(self, posted: PostedClaim) -> Sequence[LeaseClaim]:
        """Return the claims in the channel, the posted one among them. Raises SlackError."""
        claims = await self._board.read(float(posted.stamp) - LOOK_BACK)
        if all(each.stamp != posted.stamp for each in claims):
            raise SlackError("The channel does not show the bot's own message yet.")
        return claims

    async def _hold(self, held: HeldClaim) -> None:
        stamp = held.posted.stamp
        await self._keep(stamp, held.counts_from)
        if self._held is not None:
            self._leftovers.add(self._held.posted.stamp)
        self._leftovers.discard(stamp)
        self._held, self._other = held, None

    async def _keep(self, stamp: str, counts_from: float) -> None:
        home = self.holder.home
        await self._store.keep(LastClaim(stamp=stamp, home=home, counts_from=counts_from, is_released=False))

    async def _give_way(self, other: LeaseClaim) -> None:
        # A claim that was held stays to its end: a request that left under it may still be under way.
        self._held, self._other = None, other
        await self._remove_leftovers()

    async def _remove_leftovers(self) -> None:
        for stamp in sorted(self._leftovers):
            await self._remove(stamp)

    async def _remove(self, stamp: str) -> None:
        """Remove a claim that doesn't count; where Slack doesn't, it ends by itself."""
        try:
            await self._board.remove(stamp)
        except SlackError as error:
            log.info("claim not removed", stamp=stamp, why=error.sentence)
        else:
            self._leftovers.discard(stamp)

    def _find_earlier(
        self, stamp: str, claims: Sequence[LeaseClaim], slack_time: float, ends: str = ""
    ) -> LeaseClaim | None:
        """Return the claim of another bot that comes before the one of this stamp, or ends it."""
        for each in claims:
            comes_before = ends < each.stamp < stamp or (each.stamp > stamp and each.ends >= stamp)
            if comes_before and not self._is_mine(each) and slack_time <= each.until + MARGIN:
                return each
        return None

    def _is_mine(self, claim: LeaseClaim) -> bool:
        """Return whether this run posted it, or one in the same folder. That one has ended, as this has its
        lock."""
        run, home = claim.holder.run, claim.holder.home
        return run == self.holder.run or (home != "" and home == self.holder.home)

    async def _is_over(self, other: LeaseClaim) -> bool:
        """Return whether another bot's claim is gone, or over by Slack's time at least; or whether that time
        is unknown, as the machine has slept, until a new claim tells it."""
        claims = await self._board.read(float(other.stamp))
        now = next((each for each in claims if each.stamp == other.stamp), None)
        if now is None or self._last_posted is None or not self._now().agrees(self._last_posted.asked):
            return True
        self._other = now
        return self._last_posted.at_least(self._now()) > now.until + MARGIN

    # Taking over and giving back

    async def take_over(self) -> float:
        """End the other bot's claim and take its place; return the seconds until this one may send, which is
        after the end of the other's term.

        Raises BadArgument where there is nothing to take over, SlackError and StoreError.
        """
        async with self._turn:
            latest = await self._find_latest()
            # Where it fails half-way, a removal may reach Slack late: to the end of the other's term, nobody
            # else may claim.
            claim = LeaseClaim(holder=self.holder, ends=latest)
            posted = await self._post(claim, TERM + 4 * TAKEOVER_SECONDS)
            held = await self._end_others(posted, latest)
            await self._look_at_data()
            await self._hold(held)
            self._settle()
            return held.counts_in(self._now())

    async def _find_latest(self) -> str:
        """Return the stamp of the last claim of another bot. Raises BadArgument."""
        if self.other_holder() is None or self._other is None:
            step = "“pgbot check” says what else may keep it from sending."
            raise BadArgument("No other bot holds the Slack app, as far as this one knows.", step)
        claims = await self._board.read(float(self._other.stamp))
        return max([self._other.stamp, *(each.stamp for each in claims if not self._is_mine(each))])

    async def _end_others(self, posted: PostedClaim, latest: str) -> HeldClaim:
        claims = await self._read(posted)
        if other := self._find_earlier(posted.stamp, claims, float(posted.stamp), ends=latest):
            await self._remove(posted.stamp)
            raise BadArgument(f"{other.holder} was faster and holds the Slack app now.")
        # Before anything is removed: where this fails half-way, no later claim may count at once.
        await self._keep(posted.stamp, LastClaim.UNKNOWN)
        for each in claims:
            if each.stamp < posted.stamp:
                # Later, the own claim would no longer keep others away to the end of that one's term.
                self._check_pace(posted)
                self._leftovers.discard(posted.stamp)
                await self._board.remove(each.stamp)
        self._check_pace(posted)
        counts_from = float(posted.stamp) + TAKEOVER_SECONDS + TERM + MARGIN
        return HeldClaim(posted=posted, renewed=posted.asked, counts_from=counts_from)

    def _check_pace(self, posted: PostedClaim) -> None:
        if self._now().since(posted.asked) > TAKEOVER_SECONDS:
            raise SlackError("Slack took too long to remove the other bot's claim.", "Run it again.")

    async def release(self) -> None:
        """Give the lease back, so that the next start need not wait. What Slack does not take ends by itself.
        Raises StoreError."""
        async with self._turn:
            held, self._held = self._held, None
            # A claim that does not count yet stays, and keeps others away from the former holder's term.
            is_counted = held is not None and not held.counts_from
            if held is not None and is_counted:
                self._leftovers.add(held.posted.stamp)
            await self._remove_leftovers()
            if held is not None and is_counted:
                await self._store.keep(LastClaim(stamp=held.posted.stamp, home=self.holder.home))

    def _now(self) -> LeaseMoment:
        return LeaseMoment(self._clock.monotonic(), self._clock.now().timestamp())
