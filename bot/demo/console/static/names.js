// The names of ids, and the emoji that bots use.

const known = { people: new Map(), groups: new Map(), channels: new Map() };

export function learnNames(overview) {
  known.people = new Map(overview.people.map((person) => [person.id, person]));
  known.groups = new Map(overview.groups.map((group) => [group.id, group]));
  known.channels = new Map(Object.entries(overview.channels));
}

export const personOf = (id) => known.people.get(id) ?? { id, real_name: "Slackbot", name: "slackbot" };

export const personLabel = (id, label) => `@${known.people.get(id)?.real_name ?? label ?? id}`;

export const groupLabel = (id, label) => (known.groups.has(id) ? `@${known.groups.get(id).handle}` : label ?? id);

export const channelLabel = (id, label) => `#${known.channels.get(id) ?? (label || "private channel")}`;

export const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", large_green_circle: "🟢", large_yellow_circle: "🟡",
  large_orange_circle: "🟠", large_blue_circle: "🔵", red_circle: "🔴", white_circle: "⚪", black_circle: "⚫",
  information_source: "ℹ️", eyes: "👀", rocket: "🚀", lock: "🔒", unlock: "🔓", key: "🔑", tada: "🎉", bell: "🔔",
  question: "❓", grey_question: "❔", exclamation: "❗", arrow_right: "➡️", arrow_up: "⬆️", arrow_down: "⬇️",
  calendar: "📅", clock1: "🕐", bar_chart: "📊", chart_with_upwards_trend: "📈", memo: "📝", bulb: "💡",
  thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", raised_hand: "✋", wrench: "🔧", fire: "🔥",
  file_folder: "📁", floppy_disk: "💾", mag: "🔍", link: "🔗", elephant: "🐘", robot_face: "🤖", stop_sign: "🛑",
  ballot_box_with_check: "☑️", construction: "🚧", rewind: "⏪", repeat: "🔁", package: "📦", cloud: "☁️",
};
