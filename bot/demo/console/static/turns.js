// One request at a time: an older answer must not replace a newer one.

export function oneAtATime(load) {
  let running = null;
  let next = null;

  async function run() {
    try {
      await load();
    } finally {
      running = null;
    }
  }

  // A caller during a request gets the next one, whose answer is newer.
  return function ask() {
    if (!running) return (running = run());
    next ??= running.catch(() => {}).then(() => {
      next = null;
      return ask();
    });
    return next;
  };
}
