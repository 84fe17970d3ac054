// table and data_table: the latter with filter, sorting and pages, all of it in the page.

import { h } from "preact";
import { useState } from "preact/hooks";
import { icon } from "./icons.js";
import { renderRichText, richTextWords } from "./richtext.js";

const LONG = 44;

const cellText = (cell) => (cell.type === "rich_text" ? richTextWords(cell) : cell.text ?? "");

function cellElement(cell, { heading = false, wrapped = false, align = "" } = {}) {
  const numeric = cell.type === "raw_number" || align === "right";
  const look = [numeric && "number", (wrapped || cellText(cell).length > LONG) && "wrapped"].filter(Boolean).join(" ");
  const content = cell.type === "rich_text" ? renderRichText(cell) : cell.text ?? "";
  const facts = { class: look || undefined, title: cellText(cell) };
  return heading ? h("th", { ...facts, scope: "row" }, content) : h("td", facts, content);
}

export function Table({ block }) {
  const settings = block.column_settings ?? [];
  const option = (index) => ({ wrapped: settings[index]?.is_wrapped, align: settings[index]?.align });
  const [head, ...body] = block.rows;
  return h(
    "div", { class: "sheet" },
    h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Table" }, h(
      "table", {},
      h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, h("span", {}, cellText(cell)))))),
      h("tbody", {}, body.map((row) => h("tr", {}, row.map((cell, index) => cellElement(cell, option(index)))))),
    )),
  );
}

function comparison(rows, column) {
  if (rows.every((row) => row[column].type === "raw_number")) return (a, b) => a[column].value - b[column].value;
  return (a, b) => cellText(a[column]).localeCompare(cellText(b[column]), "en", { numeric: true });
}

function chosenRows(rows, { filter, column, down }) {
  const wanted = filter.toLowerCase();
  const found = rows.filter((row) => !wanted || row.some((cell) => cellText(cell).toLowerCase().includes(wanted)));
  if (column < 0) return found;
  const compare = comparison(rows, column);
  return found.sort((a, b) => (down ? -compare(a, b) : compare(a, b)));
}

function columnTitle(cell, { sorted, down, onSort }) {
  const direction = down ? "descending" : "ascending";
  return h("th", { scope: "col", "aria-sort": sorted ? direction : "none" }, h("button", { type: "button", onclick: onSort }, cellText(cell)));
}

export function DataTable({ block }) {
  const [view, setView] = useState({ page: 0, column: -1, down: false, filter: "" });
  const change = (patch) => setView({ ...view, ...patch });
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const found = chosenRows(rows, view);
  const last = Math.max(0, Math.ceil(found.length / size) - 1);
  const page = Math.min(view.page, last);
  const shown = found.slice(page * size, page * size + size);
  const titles = head.map((cell, column) => columnTitle(cell, {
    sorted: column === view.column,
    down: view.down,
    onSort: () => change({ column, page: 0, down: view.column === column && !view.down }),
  }));
  const search = h("input", {
    type: "search", class: "filter", placeholder: "Filter", "aria-label": `Filter ${block.caption}`,
    oninput: (event) => change({ filter: event.target.value, page: 0 }),
  });
  const step = (words, sign, to) =>
    h("button", { type: "button", class: "step", "aria-label": words, disabled: to < 0 || to > last, onclick: () => change({ page: to }) }, icon(sign));
  const count = found.length ? `${page * size + 1}–${page * size + shown.length} of ${found.length}` : "Nothing matches";
  return h(
    "div", { class: "sheet" },
    h("div", { class: "bar" }, h("strong", {}, block.caption), rows.length > size && search),
    h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": block.caption }, h(
      "table", {},
      h("caption", { class: "visually-hidden" }, block.caption),
      h("thead", {}, h("tr", {}, titles)),
      h("tbody", {}, shown.map((row) =>
        h("tr", {}, row.map((cell, index) => cellElement(cell, { heading: index === block.row_header_column_index }))))),
    )),
    rows.length > size && h(
      "div", { class: "bar foot" },
      h("span", { role: "status" }, count),
      h("span", {}, step("Previous rows", "left", page - 1), step("Next rows", "right", page + 1)),
    ),
  );
}
