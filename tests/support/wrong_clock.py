"""A machine whose clock may be wrong, beside servers whose clocks are right."""

from datetime import timedelta

from bot.demo.virtual_clock import VirtualClock


class WrongClock:
    """The clock of a machine. `world` is what servers go by; `ahead` is by how many seconds it is wrong.

    `slept` are the seconds for which the machine slept: its monotonic clock lacks them.
    """

    doubt = None

    def __init__(self, world=None, ahead=0.0):
        self.world = world or VirtualClock()
        self.ahead, self.slept = ahead, 0.0

    def now(self):
        return self.world.now() + timedelta(seconds=self.ahead)

    def monotonic(self):
        return self.world.monotonic() - self.slept

    def sleep(self, seconds):
        return self.world.sleep(seconds)

    def pass_time(self, seconds):
        self.world.advance(timedelta(seconds=seconds))

    def suspend(self, seconds):
        """Let the machine sleep."""
        self.slept += seconds
        self.pass_time(seconds)
