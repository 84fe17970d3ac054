// Dates as Slack writes them, in the current person's time zone.

const place = { zone: "UTC", now: () => new Date() };

export function setPlace(zone, now) {
  place.zone = zone;
  place.now = now;
}

function format(date, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: place.zone, ...options }).format(date);
}

const WALL = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY_MILLISECONDS = 86_400_000;

export const zoneName = () => place.zone;

// The local time of a moment, in the format of the page's inputs: 2026-11-23T10:00.
export function wallTime(seconds) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: place.zone, ...WALL }).formatToParts(new Date(seconds * 1000));
  const of = (type) => parts.find((part) => part.type === type).value;
  return `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}

// The moment of a local time: the first if it repeats, shifted by the gap if it is skipped.
export function momentOf(wall) {
  const asUtc = Date.parse(`${wall}Z`);
  const offsetAt = (moment) => Date.parse(`${wallTime(moment / 1000)}Z`) - moment;
  const [before, after] = [-DAY_MILLISECONDS, DAY_MILLISECONDS].map((shift) => (asUtc - offsetAt(asUtc + shift)) / 1000);
  return wallTime(before) !== wall && wallTime(after) === wall ? after : before;
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
  for (const [words, shift] of [["today", 0], ["yesterday", -DAY_MILLISECONDS], ["tomorrow", DAY_MILLISECONDS]]) {
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
