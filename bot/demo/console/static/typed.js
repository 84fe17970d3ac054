// The external select: what is typed is sent to the app, whose options are offered.

import { h } from "./dom.js";

let made = 0;

export function typedAhead(element, block, touch, context) {
  const id = `typed-${(made += 1)}`;
  const words = element.placeholder?.text || "Type to search";
  const list = h("ul", { id, role: "listbox", "aria-label": words, hidden: true });
  const input = h("input", {
    class: "control", type: "text", role: "combobox", placeholder: words, "aria-label": words,
    "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": id, autocomplete: "off",
    value: element.initial_option?.text.text,
  });
  const view = { options: [], at: -1, asked: 0 };

  function draw(message) {
    list.replaceChildren(
      ...view.options.map((option, index) => {
        const item = h("li", { role: "option", id: `${id}-${index}`, "aria-selected": String(index === view.at) }, option.text.text);
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(index);
        });
        return item;
      }),
    );
    if (message) list.append(h("li", { role: "option", "aria-disabled": "true" }, message));
    list.hidden = !view.options.length && !message;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (view.at >= 0) input.setAttribute("aria-activedescendant", `${id}-${view.at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    Object.assign(view, { options: [], at: -1 });
    draw();
  }

  async function ask() {
    const turn = (view.asked += 1);
    if (input.value.length < (element.min_query_length ?? 3)) return close();
    try {
      const options = await context.search(element, block, input.value);
      if (turn !== view.asked) return;
      Object.assign(view, { options, at: options.length ? 0 : -1 });
      draw(options.length ? "" : "No results");
    } catch {
      if (turn === view.asked) draw("The options could not be loaded");
    }
  }

  function choose(index) {
    const option = view.options[index];
    input.value = option.text.text;
    close();
    touch(element, block, option);
  }

  input.addEventListener("input", ask);
  input.addEventListener("focus", ask);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (!view.options.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      view.at = (view.at + step + view.options.length) % view.options.length;
      draw();
    } else if (event.key === "Enter") choose(view.at);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return h("span", { class: "typed" }, input, list);
}
