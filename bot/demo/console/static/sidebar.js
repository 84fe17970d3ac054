// The list at the left: the current person's channels, and all people.

import { h } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { moveFocus, onEscape } from "./focus.js";
import { icon } from "./icons.js";
import { Avatar, standing } from "./people.js";

export const SIGNS = { public: "hash", private: "lock", im: "mail" };
const KINDS = { public: "channel", private: "private channel", im: "direct message" };

function ChannelRow({ channel, isCurrent, isUnread, onEnter }) {
  return h("li", {}, h(
    "button",
    { type: "button", "aria-current": isCurrent ? "true" : null, "data-channel": channel.id, onclick: () => onEnter(channel.id) },
    h("span", { class: "sign", "aria-hidden": true }, icon(SIGNS[channel.kind])),
    h("span", { class: isUnread ? "name unread" : "name" }, channel.name, h("span", { class: "visually-hidden" }, `, ${KINDS[channel.kind]}`)),
    channel.external && h("span", { class: "tag" }, "shared"),
    channel.archived && h("span", { class: "tag" }, "archived"),
    isUnread && h("span", { class: "dot", role: "img", "aria-label": "unread" }),
  ));
}

function PersonRow({ person, isMe, onBecome }) {
  return h("li", {}, h(
    "button",
    { type: "button", "aria-pressed": isMe, disabled: person.deleted, "data-person": person.id, onclick: () => onBecome(person.id) },
    h(Avatar, { person, small: true }),
    h("span", { class: "who" }, person.real_name, h("small", {}, person.title)),
    standing(person) && h("span", { class: "tag" }, standing(person)),
  ));
}

export function Sidebar({ client, isOpen, onClose }) {
  const { overview, channels, channel, me } = client.state;
  const cross = useRef();
  useEffect(() => isOpen && cross.current.focus(), [isOpen]);
  const enter = (id) => {
    if (isOpen) onClose();
    client.enter(id);
  };
  const people = overview.people.filter((person) => !person.bot);
  return h(
    "nav", { class: isOpen ? "side open" : "side", id: "side", "aria-label": "Workspace", onkeydown: isOpen ? onEscape(onClose) : null },
    h(
      "header", { class: "side-head" },
      h("img", { src: "static/icon.svg", alt: "", width: 28, height: 28 }),
      h("div", {}, h("strong", {}, "Demo workspace"), h("small", {}, "runs on this machine only")),
      h("button", { ref: cross, class: "icon-button close-side", type: "button", "aria-label": "Close the list", onclick: onClose }, icon("close")),
    ),
    h("section", { "aria-labelledby": "channels-title" },
      h("h2", { id: "channels-title" }, "Channels"),
      h("ul", { class: "rows", id: "channels", onkeydown: moveFocus }, channels.map((each) =>
        h(ChannelRow, { key: each.id, channel: each, isCurrent: each.id === channel, isUnread: client.isUnread(each), onEnter: enter })))),
    h("section", { "aria-labelledby": "people-title" },
      h("h2", { id: "people-title" }, "Act as"),
      h("ul", { class: "rows people", id: "people", onkeydown: moveFocus }, people.map((person) =>
        h(PersonRow, { key: person.id, person, isMe: person.id === me, onBecome: (id) => client.switchTo(id) })))),
  );
}
