// Block Kit blocks as elements. `context` says what happens when something in them is touched.

import { renderChart } from "./charts.js";
import { h } from "./dom.js";
import { renderElement } from "./elements.js";
import { renderEmoji, renderLink, renderMrkdwn } from "./mrkdwn.js";
import { renderRichText } from "./richtext.js";
import { renderDataTable, renderTable } from "./tables.js";

let made = 0;

export function renderText(text) {
  if (typeof text === "string") return h("div", { class: "text" }, text);
  if (text.type === "mrkdwn") return h("div", { class: "text" }, renderMrkdwn(text.text));
  return h("div", { class: "text" }, text.emoji === false ? text.text : withEmoji(text.text));
}

function withEmoji(text) {
  return text.split(/:([a-z0-9_+-]+):/).map((piece, index) => (index % 2 ? renderEmoji(piece) : piece));
}

function image(source) {
  const address = source.image_url ?? "";
  // A picture from elsewhere would be a request that leaves this machine: its description stands in for it.
  if (new URL(address || ".", location.href).origin === location.origin && address) {
    return h("img", { src: address, alt: source.alt_text });
  }
  return h("span", { class: "absent" }, "Image: ", address ? renderLink(address, source.alt_text) : source.alt_text);
}

function section(block, context) {
  const said = h("div", { class: "said" }, block.text && renderText(block.text));
  if (block.fields) said.append(h("div", { class: "fields" }, block.fields.map(renderText)));
  const accessory = block.accessory;
  if (!accessory) return h("div", { class: "b-section" }, said);
  const beside = accessory.type === "image" ? image(accessory) : renderElement(accessory, block, context);
  return h("div", { class: "b-section" }, said, beside);
}

function header(block) {
  const level = Math.min(Math.max(block.level ?? 2, 1), 4);
  const text = block.text.emoji === false ? block.text.text : withEmoji(block.text.text);
  return h(`h${Math.max(2, level)}`, { class: `b-header level-${level}` }, text);
}

function input(block, context) {
  const id = `input-${(made += 1)}`;
  const control = renderElement(block.element, block, context);
  const target = control.matches("input, select, textarea") ? control : control.querySelector("input, select, textarea");
  if (target && !control.matches("fieldset")) {
    target.id = id;
    target.removeAttribute("aria-label");
  }
  const wrong = context.errors?.[block.block_id];
  if (wrong && target) {
    target.setAttribute("aria-invalid", "true");
    target.setAttribute("aria-describedby", `${id}-wrong`);
  }
  const optional = block.optional && h("span", { class: "optional" }, " (optional)");
  return h(
    "div", { class: "input" },
    h("label", { for: id }, block.label.text, optional),
    control,
    block.hint && h("p", { class: "hint" }, block.hint.text),
    wrong && h("p", { class: "wrong", id: `${id}-wrong`, role: "alert" }, wrong),
  );
}

const STATES = { pending: "Waiting", in_progress: "Running", complete: "Done", error: "Failed" };
const SIGNS = { pending: "○", in_progress: "◔", complete: "✓", error: "✕" };

function task(block) {
  const state = block.status ?? "pending";
  const more = [block.details, block.output].filter(Boolean).map(renderRichText);
  const head = h("span", { class: "state" }, `${SIGNS[state]} ${STATES[state]}`);
  return h("div", { class: "task" }, head, h("div", {}, h("div", {}, block.title), more));
}

function container(block, context) {
  const children = h("div", { class: "blocks" }, block.child_blocks.map((child) => renderBlock(child, context)));
  const title = block.title?.text;
  if (!block.is_collapsible) return h("div", { class: "boxed" }, title && h("h3", {}, title), children);
  return h("details", { class: "boxed", open: !block.default_collapsed }, h("summary", {}, title ?? "Details"), children);
}

function card(block, context) {
  const texts = [block.title && h("strong", {}, renderText(block.title)), ...["subtitle", "body", "subtext"].map((name) => block[name] && renderText(block[name]))];
  const buttons = block.actions && h("div", { class: "b-actions" }, block.actions.map((element) => renderElement(element, block, context)));
  return h("div", { class: "boxed" }, texts, buttons);
}

const BLOCKS = {
  section,
  header,
  input,
  divider: () => h("hr", { class: "b-divider" }),
  image: (block) => h("figure", { class: "b-image" }, block.title && h("figcaption", {}, block.title.text), image(block)),
  context: (block) =>
    h("div", { class: "b-context" }, block.elements.map((part) => (part.type === "image" ? image(part) : renderText(part)))),
  actions: (block, context) => h("div", { class: "b-actions" }, block.elements.map((element) => renderElement(element, block, context))),
  markdown: (block) => h("div", { class: "text" }, block.text),
  rich_text: renderRichText,
  table: renderTable,
  data_table: renderDataTable,
  data_visualization: renderChart,
  plan: (block) => h("div", { class: "boxed" }, h("h3", {}, block.title), (block.tasks ?? []).map(task)),
  task_card: (block) => h("div", { class: "boxed" }, task(block)),
  alert: (block) => h("div", { class: block.level === "error" ? "trouble" : "boxed", role: "note" }, renderText(block.text)),
  card,
  carousel: (block, context) => h("div", { class: "blocks" }, block.elements.map((each) => card(each, context))),
  container,
};

function renderBlock(block, context) {
  const build = BLOCKS[block.type];
  return build ? build(block, context) : h("p", { class: "unknown" }, `(a ${block.type} block is not shown here)`);
}

export function renderBlocks(blocks, context) {
  return h("div", { class: "blocks" }, blocks.map((block) => renderBlock(block, context)));
}
