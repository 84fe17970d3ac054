// Slack's mrkdwn as elements. Untrusted text is never parsed as HTML.

import { h } from "preact";
import { sign } from "./icons.js";
import { EMOJI, channelLabel, groupLabel, personLabel } from "./names.js";
import { formatTokens, utc } from "./times.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    ":([a-z0-9_+-]+):",
    "(?<![\\w*_~])([*_~])(?=\\S)([^\\n]*?\\S)\\4(?![\\w*_~])",
  ].join("|"),
  "g",
);
const STYLES = { "*": "strong", _: "em", "~": "s" };

export const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function renderMrkdwn(text) {
  const nodes = [];
  text.split(/```\n?([\s\S]*?)\n?```/).forEach((piece, index) => {
    if (index % 2) nodes.push(h("pre", { class: "code" }, decode(piece)));
    else nodes.push(...renderLines(piece));
  });
  return nodes;
}

function renderLines(text) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index, lines) => {
    const quoted = /^(?:&gt;|>)\s?(?!\S*\|)/.exec(line);
    if (quoted) {
      if (quote) quote.push("\n");
      else nodes.push(h("blockquote", {}, (quote = [])));
      quote.push(...renderInline(line.slice(quoted[0].length)));
      return;
    }
    quote = null;
    nodes.push(...renderInline(line));
    if (index < lines.length - 1) nodes.push("\n");
  });
  return nodes;
}

export function renderInline(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, reference, emoji, mark, marked] = match;
    if (match.index > done) nodes.push(decode(text.slice(done, match.index)));
    if (code) nodes.push(h("code", {}, decode(code)));
    else if (reference) nodes.push(renderReference(reference));
    else if (emoji) nodes.push(renderEmoji(emoji));
    else nodes.push(h(STYLES[mark], {}, renderInline(marked)));
    done = match.index + whole.length;
  }
  if (done < text.length) nodes.push(decode(text.slice(done)));
  return nodes;
}

export function renderEmoji(name) {
  const drawn = sign(name);
  if (drawn) return drawn;
  const character = Object.hasOwn(EMOJI, name) && EMOJI[name];
  return character ? h("span", { role: "img", "aria-label": name.replaceAll("_", " ") }, character) : `:${name}:`;
}

function renderReference(reference) {
  const bar = reference.indexOf("|");
  const target = bar < 0 ? reference : reference.slice(0, bar);
  const label = bar < 0 ? undefined : decode(reference.slice(bar + 1));
  if (target.startsWith("@")) return mention(personLabel(target.slice(1), label));
  if (target.startsWith("#")) return mention(channelLabel(target.slice(1), label));
  if (target.startsWith("!subteam^")) return mention(groupLabel(target.split("^")[1], label));
  if (target.startsWith("!date^")) return renderDate(target, label);
  if (target.startsWith("!")) return mention(`@${target.slice(1).split("^")[0]}`, true);
  return renderLink(decode(target), label);
}

const mention = (words, loud = false) => h("span", { class: loud ? "mention loud" : "mention" }, words);

export function renderLink(target, label) {
  // Only http, https and mailto become links; anything else stays text.
  if (!/^(https?:|mailto:)/i.test(target)) return label ?? target;
  const isHere = target.startsWith(`${location.origin}/#`);
  return h("a", { href: target, ...(isHere ? {} : { target: "_blank", rel: "noopener noreferrer" }) }, label ?? target);
}

function renderDate(target, fallback) {
  const [, seconds, pattern, link] = target.split("^");
  if (!/^\d+$/.test(seconds ?? "") || !pattern) return fallback ?? "";
  const date = dateElement(Number(seconds), decode(pattern));
  return link ? renderLink(decode(link), date) : date;
}

export function dateElement(seconds, pattern) {
  const moment = new Date(seconds * 1000);
  const shown = { class: "date", datetime: moment.toISOString(), title: utc(moment) };
  return h("time", shown, formatTokens(seconds, pattern));
}
