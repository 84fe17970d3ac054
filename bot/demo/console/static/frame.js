// What is round the conversation: theme, clock, drawer, and the line that says when something is wrong.

import { byId } from "./dom.js";
import { clockTime } from "./times.js";

const THEME = "pgbot-demo-theme";

export function startFrame({ onAdvance }) {
  const root = document.documentElement;
  const clock = { shown: new Date(), at: performance.now() };
  const now = () => new Date(clock.shown.getTime() + performance.now() - clock.at);
  let complaining = 0;

  function tick() {
    byId("clock").textContent = clockTime(now());
    byId("clock").dateTime = now().toISOString();
  }

  function setSide(open) {
    byId("side").classList.toggle("open", open);
    byId("veil").hidden = !open;
    byId("open-side").setAttribute("aria-expanded", String(open));
  }

  function say(words) {
    byId("banner").textContent = words;
    byId("banner").hidden = !words;
  }

  const kept = localStorage.getItem(THEME);
  if (kept) root.dataset.theme = kept;
  byId("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem(THEME, root.dataset.theme);
  });
  byId("open-side").addEventListener("click", () => {
    setSide(true);
    byId("close-side").focus();
  });
  byId("close-side").addEventListener("click", () => setSide(false));
  byId("veil").addEventListener("click", () => setSide(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && byId("side").classList.contains("open")) setSide(false);
  });
  byId("advance").addEventListener("change", async (event) => {
    const seconds = Number(event.target.value);
    event.target.value = "";
    if (seconds) await onAdvance(seconds);
  });
  setInterval(tick, 1000);

  return {
    now,
    closeSide: () => setSide(false),
    setClock(date) {
      Object.assign(clock, { shown: date, at: performance.now() });
      tick();
    },
    setConnected(connected) {
      clearTimeout(complaining);
      if (connected) say("");
      else complaining = setTimeout(() => say("The workspace does not answer. Is the demo still running?"), 1500);
    },
    complain(words) {
      say(words);
      clearTimeout(complaining);
      complaining = setTimeout(() => say(""), 6000);
    },
  };
}
