// The list at the left: channels of the person we act as, and the people there are.

import { avatar, h } from "./dom.js";
import { icon } from "./icons.js";
import { keepInOrder } from "./messages.js";

function channelButton(channel, { current, unread, onChannel }) {
  const sign = { public: "hash", private: "lock", im: "mail" }[channel.kind];
  const kind = { public: "channel", private: "private channel", im: "direct message" }[channel.kind];
  return h(
    "button",
    { type: "button", "aria-current": current ? "true" : null, "data-channel": channel.id, onclick: () => onChannel(channel.id) },
    h("span", { class: "sign", "aria-hidden": "true" }, icon(sign)),
    h("span", { class: unread ? "name unread" : "name" }, channel.name, h("span", { class: "visually-hidden" }, `, ${kind}`)),
    channel.external && h("span", { class: "tag" }, "shared"),
    channel.archived && h("span", { class: "tag" }, "archived"),
    unread && h("span", { class: "dot", role: "img", "aria-label": "unread" }),
  );
}

export function drawChannels(list, channels, { current, seen, onChannel }) {
  keepInOrder(list, channels.map((channel) => {
    const facts = { current: channel.id === current, unread: channel.id !== current && channel.latest > (seen.get(channel.id) ?? ""), onChannel };
    return {
      key: channel.id,
      print: JSON.stringify([channel.name, facts.current, facts.unread]),
      make: () => h("li", {}, channelButton(channel, facts)),
    };
  }));
}

function standing(person) {
  if (person.deleted) return "deactivated";
  if (person.stranger) return "external";
  if (person.guest) return "guest";
  return person.groups.map((handle) => `@${handle}`).join(" ");
}

export function drawPeople(list, people, { me, onPerson }) {
  const shown = people.filter((person) => !person.bot);
  keepInOrder(list, shown.map((person) => ({
    key: person.id,
    print: String(person.id === me),
    make: () =>
      h("li", {}, h(
        "button",
        { type: "button", "aria-pressed": String(person.id === me), disabled: person.deleted, "data-person": person.id, onclick: () => onPerson(person.id) },
        avatar(person, { small: true }),
        h("span", { class: "who" }, person.real_name, h("small", {}, person.title)),
        standing(person) && h("span", { class: "tag" }, standing(person)),
      )),
  })));
}
