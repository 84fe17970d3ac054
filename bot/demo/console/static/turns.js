// One look at a time: answers that overtake one another must not put an older state over a newer one.

export function inTurn(look) {
  let running = null;
  let next = null;

  async function run() {
    try {
      await look();
    } finally {
      running = null;
    }
  }

  // Whoever asks during a look gets the one after it, which sees all that they saw.
  return function ask() {
    if (!running) return (running = run());
    next ??= running.catch(() => {}).then(() => {
      next = null;
      return ask();
    });
    return next;
  };
}
