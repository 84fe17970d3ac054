// table and data_table: the latter with filter, sorting and pages, all of it in the page.

import { h } from "./dom.js";
import { renderRichText } from "./richtext.js";

function cellText(cell) {
  if (cell.type === "rich_text") return renderRichText(cell).textContent;
  return cell.text ?? "";
}

function cellElement(cell, { heading = false, wrapped = false, align = "" } = {}) {
  const numeric = cell.type === "raw_number" || align === "right";
  const look = [numeric ? "number" : "", wrapped ? "wrapped" : ""].join(" ").trim();
  const content = cell.type === "rich_text" ? renderRichText(cell) : cell.text ?? "";
  return h(heading ? "th" : "td", { class: look || null, scope: heading ? "row" : null, title: cellText(cell) }, content);
}

export function renderTable(block) {
  const settings = block.column_settings ?? [];
  const option = (index) => ({ wrapped: settings[index]?.is_wrapped, align: settings[index]?.align });
  const [head, ...body] = block.rows;
  const table = h(
    "table", {},
    h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, h("span", {}, cellText(cell)))))),
    h("tbody", {}, body.map((row) => h("tr", {}, row.map((cell, index) => cellElement(cell, option(index)))))),
  );
  return h("div", { class: "sheet" }, h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table" }, table));
}

export function renderDataTable(block) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const numeric = head.map((_, column) => rows.every((row) => row[column].type === "raw_number"));
  const view = { page: 0, column: -1, down: false, filter: "" };
  const body = h("tbody");
  const count = h("span");
  const back = h("button", { type: "button", class: "step", "aria-label": "Previous rows", onclick: () => turn(-1) }, "‹");
  const on = h("button", { type: "button", class: "step", "aria-label": "Next rows", onclick: () => turn(1) }, "›");
  const titles = head.map((cell, column) =>
    h("th", { scope: "col", "aria-sort": "none" }, h("button", { type: "button", onclick: () => sort(column) }, cellText(cell))),
  );

  function turn(step) {
    view.page += step;
    draw();
  }

  function sort(column) {
    view.down = view.column === column ? !view.down : false;
    Object.assign(view, { column, page: 0 });
    draw();
  }

  function chosenRows() {
    const wanted = view.filter.toLowerCase();
    const found = rows.filter((row) => !wanted || row.some((cell) => cellText(cell).toLowerCase().includes(wanted)));
    if (view.column < 0) return found;
    const compare = numeric[view.column]
      ? (a, b) => a[view.column].value - b[view.column].value
      : (a, b) => cellText(a[view.column]).localeCompare(cellText(b[view.column]), "en", { numeric: true });
    return found.sort((a, b) => (view.down ? -compare(a, b) : compare(a, b)));
  }

  function draw() {
    const found = chosenRows();
    const last = Math.max(0, Math.ceil(found.length / size) - 1);
    view.page = Math.min(view.page, last);
    const start = view.page * size;
    const shown = found.slice(start, start + size);
    body.replaceChildren(
      ...shown.map((row) =>
        h("tr", {}, row.map((cell, index) => cellElement(cell, { heading: index === block.row_header_column_index }))),
      ),
    );
    count.textContent = found.length ? `${start + 1}–${start + shown.length} of ${found.length}` : "Nothing matches";
    back.disabled = view.page === 0;
    on.disabled = view.page === last;
    titles.forEach((title, column) => {
      const direction = view.down ? "descending" : "ascending";
      title.setAttribute("aria-sort", column === view.column ? direction : "none");
    });
  }

  function filter(event) {
    Object.assign(view, { filter: event.target.value, page: 0 });
    draw();
  }

  draw();
  const search = h("input", { type: "search", class: "filter", placeholder: "Filter", "aria-label": `Filter ${block.caption}`, oninput: filter });
  const table = h("table", {}, h("caption", { class: "visually-hidden" }, block.caption), h("thead", {}, h("tr", {}, titles)), body);
  return h(
    "div", { class: "sheet" },
    h("div", { class: "bar" }, h("strong", {}, block.caption), rows.length > size && search),
    h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": block.caption }, table),
    h("div", { class: "bar foot" }, h("span", { role: "status" }, count), rows.length > size && h("span", {}, back, on)),
  );
}
