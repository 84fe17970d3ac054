// rich_text blocks: every piece of text is literal.

import { h } from "preact";
import { dateElement, renderEmoji, renderLink } from "./mrkdwn.js";
import { channelLabel, groupLabel, personLabel } from "./names.js";

const TAGS = { bold: "strong", italic: "em", strike: "s", code: "code" };

function styled(node, style = {}) {
  let inner = node;
  for (const [name, tag] of Object.entries(TAGS)) if (style[name]) inner = h(tag, {}, inner);
  return inner;
}

const mention = (words) => h("span", { class: "mention" }, words);

const PARTS = {
  text: (part) => part.text,
  link: (part) => renderLink(part.url, part.text),
  user: (part) => mention(personLabel(part.user_id)),
  usergroup: (part) => mention(groupLabel(part.usergroup_id)),
  channel: (part) => mention(channelLabel(part.channel_id)),
  broadcast: (part) => h("span", { class: "mention loud" }, `@${part.range}`),
  emoji: (part) => renderEmoji(part.name),
  date: (part) => dateElement(part.timestamp, part.format),
  color: (part) => part.value,
  team: (part) => part.team_id,
};

const parts = (elements) => elements.map((part) => styled(PARTS[part.type]?.(part) ?? "", part.style));

const plainText = (elements) => elements.map((part) => part.text ?? part.url ?? "").join("");

const WORDS = {
  user: (part) => personLabel(part.user_id),
  usergroup: (part) => groupLabel(part.usergroup_id),
  channel: (part) => channelLabel(part.channel_id),
};

// The plain text for sorting, filtering and tooltips.
export function richTextWords(block) {
  const words = (piece) => (piece.elements ? piece.elements.map(words).join("") : WORDS[piece.type]?.(piece) ?? piece.text ?? piece.url ?? piece.name ?? "");
  return words(block);
}

const PIECES = {
  rich_text_section: (piece) => h("div", { class: "line" }, parts(piece.elements)),
  rich_text_quote: (piece) => h("blockquote", { class: "line" }, parts(piece.elements)),
  rich_text_preformatted: (piece) => h("pre", { class: "code" }, plainText(piece.elements)),
  rich_text_list: (piece) =>
    h(piece.style === "ordered" ? "ol" : "ul", {}, piece.elements.map((item) => h("li", {}, parts(item.elements)))),
};

export function renderRichText(block) {
  return h("div", { class: "rich" }, block.elements.map((piece) => PIECES[piece.type]?.(piece) ?? ""));
}
