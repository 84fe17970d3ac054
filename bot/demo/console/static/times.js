// Dates as Slack writes them, in the time zone of the person whose eyes we borrow.

const place = { zone: "UTC", now: () => new Date() };

export function setPlace(zone, now) {
  place.zone = zone;
  place.now = now;
}

function format(date, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: place.zone, ...options }).format(date);
}

export const clockTime = (date) => format(date, { hour: "2-digit", minute: "2-digit" });

export const dayKey = (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" });

export function dayName(date) {
  const words = relativeDay(date);
  return words ? words[0].toUpperCase() + words.slice(1) : format(date, { weekday: "long", day: "numeric", month: "long" });
}

export const tsDate = (ts) => new Date(Number(ts) * 1000);

export const utc = (date) => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

function relativeDay(date) {
  const day = 86_400_000;
  for (const [words, shift] of [["today", 0], ["yesterday", -day], ["tomorrow", day]]) {
    if (dayKey(date) === dayKey(new Date(place.now().getTime() + shift))) return words;
  }
  return null;
}

function ago(date) {
  const seconds = Math.round((date - place.now()) / 1000);
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(seconds, "second");
}

const TOKENS = {
  date_num: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }).split("/").reverse().join("-"),
  date: (date) => format(date, { day: "numeric", month: "long", year: "numeric" }),
  date_slash: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date_short: (date) => format(date, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (date) => format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  time: clockTime,
  time_secs: (date) => format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago,
};

for (const name of ["date", "date_short", "date_long"]) {
  TOKENS[`${name}_pretty`] = (date) => relativeDay(date) ?? TOKENS[name](date);
}

export function formatTokens(seconds, pattern) {
  const date = new Date(seconds * 1000);
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => TOKENS[name]?.(date) ?? whole);
}
