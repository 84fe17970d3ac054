// The message list: keeps what has not changed, so that a sorted table stays sorted while others arrive.

import { avatar, h } from "./dom.js";
import { renderBlocks, renderText } from "./blocks.js";
import { icon } from "./icons.js";
import { renderEmoji } from "./mrkdwn.js";
import { personOf } from "./names.js";
import { clockTime, dayKey, dayName, tsDate, utc } from "./times.js";

const SAME_AUTHOR_SECONDS = 300;

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function fileLink(file) {
  const address = new URL(file.url_private_download);
  return h(
    "a", { class: "file", href: address.pathname, download: file.name },
    h("span", { class: "kind", "aria-hidden": "true" }, file.filetype.slice(0, 4)),
    h("span", {}, file.title, h("small", {}, `${file.name}, ${size(file.size)}. Download`)),
  );
}

function byline(message, person) {
  const moment = tsDate(message.ts);
  return h(
    "div", { class: "by" },
    h("strong", {}, message.author),
    person.bot && h("span", { class: "badge" }, "APP"),
    person.guest && h("span", { class: "badge" }, "GUEST"),
    h("time", { datetime: moment.toISOString(), title: utc(moment) }, clockTime(moment)),
  );
}

function body(message, context) {
  const parts = [];
  if (message.blocks) parts.push(renderBlocks(message.blocks, context));
  else if (message.text) parts.push(message.error ? renderText(message.text) : renderText({ type: "mrkdwn", text: message.text }));
  if (message.edited) parts.push(h("span", { class: "edited" }, " (edited)"));
  parts.push(...message.files.map(fileLink));
  if (message.reactions) {
    parts.push(h("ul", { class: "reactions" }, message.reactions.map((each) => h("li", {}, renderEmoji(each.name), ` ${each.count}`))));
  }
  return parts;
}

function messageElement(message, { same, replies, context, onThread }) {
  const person = personOf(message.user);
  const kind = message.error ? "error" : message.ephemeral ? "private" : "";
  const item = h("li", { class: ["message", "arrives", kind, same && "same"].filter(Boolean).join(" "), "data-ts": message.ts });
  if (message.ephemeral) item.append(h("p", { class: "only-you" }, icon("eye"), "Only visible to you"));
  item.append(same ? h("span") : avatar(person));
  const content = h("div", { class: "body" }, !same && byline(message, person), body(message, context));
  if (replies) {
    const words = `${replies} ${replies === 1 ? "reply" : "replies"}`;
    content.append(h("button", { type: "button", class: "replies", onclick: () => onThread(message.ts) }, words));
  }
  item.append(content);
  if (onThread && !message.ephemeral && !message.thread_ts) {
    item.append(h("button", { type: "button", class: "reply", onclick: () => onThread(message.ts) }, "Reply in thread"));
  }
  return item;
}

const prints = new WeakMap();

export function keepInOrder(list, wanted) {
  const kept = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const children = wanted.map(({ key, print, make }) => {
    const old = kept.get(key);
    if (old && prints.get(old) === print) return old;
    const made = make();
    made.dataset.key = key;
    prints.set(made, print);
    if (old) made.classList.remove("arrives");
    return made;
  });
  const stays = new Set(children);
  for (const child of [...list.children]) if (!stays.has(child)) child.remove();
  // Moving an element that is in its place already would lose the focus inside it.
  children.forEach((child, index) => {
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
  });
}

export function drawMessages(list, messages, { contextFor, onThread, thread = null }) {
  const replies = new Map();
  for (const message of messages) {
    if (message.thread_ts) replies.set(message.thread_ts, (replies.get(message.thread_ts) ?? 0) + 1);
  }
  const shown = messages.filter((each) => (thread ? [each.ts, each.thread_ts].includes(thread) : !each.thread_ts));
  const wanted = [];
  shown.forEach((message, index) => {
    const before = shown[index - 1];
    const moment = tsDate(message.ts);
    const newDay = !before || dayKey(tsDate(before.ts)) !== dayKey(moment);
    if (newDay && !thread) {
      const name = dayName(moment);
      wanted.push({ key: `day ${dayKey(moment)}`, print: name, make: () => h("li", { class: "day" }, name) });
    }
    const near = before && Number(message.ts) - Number(before.ts) < SAME_AUTHOR_SECONDS;
    const same = !newDay && near && before.user === message.user && !before.ephemeral && !message.ephemeral;
    const facts = { same, replies: thread ? 0 : replies.get(message.ts), onThread: thread ? null : onThread };
    wanted.push({
      key: message.ts,
      print: JSON.stringify([message, facts.same, facts.replies]),
      make: () => messageElement(message, { ...facts, context: contextFor(message) }),
    });
  });
  if (!wanted.length) wanted.push({ key: "empty", print: "", make: () => h("li", { class: "empty" }, "Nothing has been said here yet.") });
  keepInOrder(list, wanted);
}
