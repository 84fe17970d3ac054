// Block Kit blocks as elements. `context` handles the use of their controls.

import { h } from "preact";
import { useId } from "preact/hooks";
import { renderChart } from "./charts.js";
import { Control, isGroup } from "./elements.js";
import { icon } from "./icons.js";
import { renderEmoji, renderLink, renderMrkdwn } from "./mrkdwn.js";
import { renderRichText } from "./richtext.js";
import { DataTable, Table } from "./tables.js";

const withEmoji = (text) => text.split(/:([a-z0-9_+-]+):/).map((piece, index) => (index % 2 ? renderEmoji(piece) : piece));

const plainWords = (text) => (text.emoji === false ? text.text : withEmoji(text.text));

export function Text({ text }) {
  if (typeof text === "string") return h("div", { class: "text" }, text);
  return h("div", { class: "text" }, text.type === "mrkdwn" ? renderMrkdwn(text.text) : plainWords(text));
}

function Picture({ source }) {
  const address = source.image_url ?? "";
  // A picture from elsewhere would be a request that leaves this machine: its description is shown instead.
  if (address && new URL(address, location.href).origin === location.origin) return h("img", { src: address, alt: source.alt_text });
  return h("span", { class: "absent" }, "Image: ", address ? renderLink(address, source.alt_text) : source.alt_text);
}

function Section({ block, context }) {
  const { accessory } = block;
  return h(
    "div", { class: "b-section" },
    h(
      "div", { class: "said" },
      block.text && h(Text, { text: block.text }),
      block.fields && h("div", { class: "fields" }, fieldPairs(block.fields).map((pair) => h("div", {}, pair.map((text) => h(Text, { text }))))),
    ),
    accessory && (accessory.type === "image" ? h(Picture, { source: accessory }) : h(Control, { element: accessory, block, context })),
  );
}

// A bold field followed by a plain one is a name and its value: one above the other.
function fieldPairs(fields) {
  const isName = (text) => text?.type === "mrkdwn" && /^\*[^*\n]+\*$/.test(text.text);
  const pairs = [];
  for (let index = 0; index < fields.length; index += 1) {
    if (isName(fields[index]) && fields[index + 1] && !isName(fields[index + 1])) pairs.push([fields[index], fields[(index += 1)]]);
    else pairs.push([fields[index]]);
  }
  return pairs;
}

function Input({ block, context }) {
  const id = useId();
  const wrong = context.errors?.[block.block_id];
  const field = { id, "aria-invalid": wrong ? true : null, "aria-describedby": wrong ? `${id}-wrong` : null };
  const label = [block.label.text, block.optional && h("span", { class: "optional" }, " (optional)")];
  return h(
    "div", { class: "input" },
    isGroup(block.element) ? h("p", { class: "label" }, label) : h("label", { for: id }, label),
    h(Control, { element: block.element, block, context, field }),
    block.hint && h("p", { class: "hint" }, block.hint.text),
    wrong && h("p", { class: "wrong", id: `${id}-wrong`, role: "alert" }, wrong),
  );
}

const STATES = { pending: "Waiting", in_progress: "Running", complete: "Done", error: "Failed" };
const SIGNS = { pending: "ring", in_progress: "clock", complete: "check", error: "cross" };

function Task({ task }) {
  const state = task.status ?? "pending";
  const more = [task.details, task.output].filter(Boolean).map(renderRichText);
  return h(
    "div", { class: `task ${state}` },
    h("span", { class: "state" }, icon(SIGNS[state] ?? "ring"), STATES[state] ?? state),
    h("div", {}, h("div", {}, task.title), more),
  );
}

function Container({ block, context }) {
  const children = h(Blocks, { blocks: block.child_blocks, context });
  const title = block.title?.text;
  if (!block.is_collapsible) return h("div", { class: "boxed" }, title && h("h3", {}, title), children);
  return h("details", { class: "boxed", open: !block.default_collapsed }, h("summary", {}, title ?? "Details"), children);
}

function Card({ block, context }) {
  return h(
    "div", { class: "boxed" },
    block.title && h("strong", {}, h(Text, { text: block.title })),
    ["subtitle", "body", "subtext"].map((name) => block[name] && h(Text, { text: block[name] })),
    block.actions && h(Actions, { block: { ...block, elements: block.actions }, context }),
  );
}

const Actions = ({ block, context }) =>
  h("div", { class: "b-actions" }, block.elements.map((element) => h(Control, { key: element.action_id, element, block, context })));

const BLOCKS = {
  section: Section,
  header: ({ block }) => h(`h${Math.min(Math.max(block.level ?? 2, 2), 4)}`, { class: `b-header level-${block.level ?? 2}` }, plainWords(block.text)),
  input: Input,
  divider: () => h("hr", { class: "b-divider" }),
  image: ({ block }) => h("figure", { class: "b-image" }, block.title && h("figcaption", {}, block.title.text), h(Picture, { source: block })),
  context: ({ block }) => h("div", { class: "b-context" }, block.elements.map((part) => (part.type === "image" ? h(Picture, { source: part }) : h(Text, { text: part })))),
  actions: Actions,
  markdown: ({ block }) => h("div", { class: "text" }, block.text),
  rich_text: ({ block }) => renderRichText(block),
  table: Table,
  data_table: DataTable,
  data_visualization: ({ block }) => renderChart(block),
  plan: ({ block }) => h("div", { class: "boxed" }, h("h3", {}, block.title), (block.tasks ?? []).map((task) => h(Task, { task }))),
  task_card: ({ block }) => h("div", { class: "boxed" }, h(Task, { task: block })),
  alert: ({ block }) => h("div", { class: block.level === "error" ? "trouble" : "boxed", role: "note" }, h(Text, { text: block.text })),
  card: Card,
  carousel: ({ block, context }) => h("div", { class: "blocks" }, block.elements.map((each) => h(Card, { block: each, context }))),
  container: Container,
};

const Unknown = ({ block }) => h("p", { class: "unknown" }, `(a ${block.type} block is not shown here)`);

export function Blocks({ blocks, context, look = "" }) {
  // Not by block_id: a replaced message gets new ids, while the state of the third block stays.
  const children = blocks.map((block, index) =>
    h(Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : Unknown, { key: `${index} ${block.type}${context.named ? ` ${block.block_id}` : ""}`, block, context }));
  return h("div", { class: `blocks ${look}`.trim() }, children);
}
