// The look of a person: initials on a colour of their own, or the app's icon.

import { h } from "preact";

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

export function Avatar({ person, small = false }) {
  const tone = [...person.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  const face = person.bot ? h("img", { src: "static/icon.svg", alt: "" }) : initials(person.real_name);
  return h("span", { class: `avatar tone-${tone}${small ? " small" : ""}`, "aria-hidden": true }, face);
}

export function standing(person) {
  if (person.deleted) return "deactivated";
  if (person.stranger) return "external";
  if (person.guest) return "guest";
  return person.groups.map((handle) => `@${handle}`).join(" ");
}
