// The message list: days, authors, messages with files and reactions.

import { h } from "preact";
import { fragmentOf } from "./address.js";
import { Blocks, Text } from "./blocks.js";
import { icon } from "./icons.js";
import { renderEmoji } from "./mrkdwn.js";
import { personOf } from "./names.js";
import { Avatar } from "./people.js";
import { Shortcuts } from "./shortcuts.js";
import { clockTime, dayKey, dayName, tsDate, utc } from "./times.js";

const SAME_AUTHOR_SECONDS = 300;

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function FileLink({ file }) {
  const address = new URL(file.url_private_download);
  return h(
    "a", { class: "file", href: address.pathname, download: file.name },
    h("span", { class: "kind", "aria-hidden": true }, file.filetype.slice(0, 4)),
    h("span", {}, file.title, h("small", {}, `${file.name}, ${size(file.size)}. Download`)),
  );
}

function Byline({ message, person, me }) {
  const moment = tsDate(message.ts);
  return h(
    "div", { class: "by" },
    h("strong", {}, message.author),
    person.bot && h("span", { class: "badge" }, "APP"),
    person.guest && h("span", { class: "badge" }, "GUEST"),
    h("a", { class: "when", href: fragmentOf({ me, channel: message.channel, linked: message.ts, stack: [] }) },
      h("time", { datetime: moment.toISOString(), title: utc(moment) }, clockTime(moment))),
  );
}

function Said({ message, context }) {
  if (message.blocks?.length) return h(Blocks, { blocks: message.blocks, context });
  if (!message.text) return null;
  return h(Text, { text: message.error ? message.text : { type: "mrkdwn", text: message.text } });
}

function Tools({ message, client, onThread }) {
  return h(
    "div", { class: "tools" },
    h(Shortcuts, { client, kind: "message", label: "More actions", place: { channel: message.channel, ts: message.ts } }),
    h("button", { type: "button", class: "reply", onclick: () => onThread(message.ts) }, icon("reply"), "Reply in thread"),
  );
}

function Message({ message, same, replies, client, onThread }) {
  const person = personOf(message.user);
  const kind = message.error ? "error" : message.ephemeral ? "private" : "";
  const reactions = message.reactions?.map((each) => h("li", {}, renderEmoji(each.name), ` ${each.count}`));
  return h(
    "li", { class: ["message", "arrives", kind, same && "same", message.ts === client.state.linked && "linked"].filter(Boolean).join(" "), "data-ts": message.ts, tabindex: -1 },
    message.ephemeral && h("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
    same ? h("span") : h(Avatar, { person }),
    h(
      "div", { class: "body" },
      !same && h(Byline, { message, person, me: client.state.me }),
      h(Said, { message, context: client.contextFor(message) }),
      message.edited && h("span", { class: "edited" }, " (edited)"),
      message.files.map((file) => h(FileLink, { file })),
      reactions && h("ul", { class: "reactions" }, reactions),
      replies > 0 && h("button", { type: "button", class: "replies", onclick: () => onThread(message.ts) }, repliesWords(replies)),
    ),
    onThread && !message.ephemeral && h(Tools, { message, client, onThread }),
  );
}

const repliesWords = (count) => `${count} ${count === 1 ? "reply" : "replies"}`;

function countReplies(messages) {
  const replies = new Map();
  for (const message of messages) {
    if (message.thread_ts) replies.set(message.thread_ts, (replies.get(message.thread_ts) ?? 0) + 1);
  }
  return replies;
}

const isSameTurn = (before, message) =>
  Number(message.ts) - Number(before.ts) < SAME_AUTHOR_SECONDS && before.user === message.user && !before.ephemeral && !message.ephemeral;

export function MessageList({ id, client, messages, thread = null, onThread }) {
  if (!messages) return null;
  const replies = countReplies(messages);
  const shown = messages.filter((each) => (thread ? [each.ts, each.thread_ts].includes(thread) : !each.thread_ts));
  const rows = [];
  shown.forEach((message, index) => {
    const before = shown[index - 1];
    const moment = tsDate(message.ts);
    const newDay = !before || dayKey(tsDate(before.ts)) !== dayKey(moment);
    if (newDay && !thread) rows.push(h("li", { class: "day", key: `day ${dayKey(moment)}` }, dayName(moment)));
    const isFirstReply = thread && index === 1;
    if (isFirstReply) rows.push(h("li", { class: "day", key: "replies" }, repliesWords(shown.length - 1)));
    const same = !newDay && !isFirstReply && isSameTurn(before, message);
    rows.push(h(Message, { key: message.ts, message, same, replies: thread ? 0 : replies.get(message.ts) ?? 0, client, onThread }));
  });
  if (!rows.length) rows.push(h("li", { class: "empty", key: "empty" }, "Nothing has been said here yet."));
  return h("ol", { class: "messages", id }, rows);
}
