// External selects: typed text is sent to the app, whose options are offered.

import { h } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

const SHUT = { options: [], at: -1, message: "" };

function OptionList({ id, view, label, onChoose }) {
  const items = view.options.map((option, index) => {
    const take = (event) => {
      event.preventDefault();
      onChoose(option);
    };
    const described = option.description && h("small", {}, option.description.text);
    return h("li", { role: "option", id: `${id}-${index}`, "aria-selected": index === view.at, onmousedown: take }, option.text.text, described);
  });
  if (view.message) items.push(h("li", { role: "option", "aria-selected": false, "aria-disabled": true }, view.message));
  return h("ul", { id, role: "listbox", "aria-label": label, hidden: !items.length }, items);
}

export function Combobox({ element, inputId, label, search, onChoose, clears, ...aria }) {
  const id = useId();
  const input = useRef();
  const asked = useRef(0);
  const [view, setView] = useState(SHUT);
  const isOpen = Boolean(view.options.length || view.message);
  useEffect(() => document.getElementById(`${id}-${view.at}`)?.scrollIntoView({ block: "nearest" }), [view.at]);

  async function ask() {
    const turn = (asked.current += 1);
    if (input.current.value.length < (element.min_query_length ?? 3)) return setView(SHUT);
    const found = await search(input.current.value).then(
      (options) => ({ options, at: options.length ? 0 : -1, message: options.length ? "" : "No results" }),
      () => ({ ...SHUT, message: "The options could not be loaded" }),
    );
    if (turn === asked.current) setView(found);
  }

  function shut() {
    asked.current += 1;
    setView(SHUT);
  }

  function choose(option) {
    input.current.value = clears ? "" : option.text.text;
    shut();
    onChoose(option);
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!isOpen && !step) return;
    if (!isOpen) ask();
    else if (step && view.options.length) setView({ ...view, at: (view.at + step + view.options.length) % view.options.length });
    else if (event.key === "Enter" && view.at >= 0) choose(view.options[view.at]);
    else if (event.key === "Escape") shut();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return h(
    "span", { class: "typed" },
    h("input", {
      ...aria, ref: input, id: inputId, class: "control", type: "text", role: "combobox", autocomplete: "off",
      placeholder: element.placeholder?.text ?? "Type to search", "aria-label": inputId ? null : label, "aria-expanded": isOpen, "aria-autocomplete": "list",
      "aria-controls": id, "aria-activedescendant": view.at >= 0 ? `${id}-${view.at}` : null,
      defaultValue: element.initial_option?.text.text, oninput: ask, onclick: ask, onblur: shut, onkeydown: onKey,
    }),
    h(OptionList, { id, view, label, onChoose: choose }),
  );
}

export function ManyTyped({ element, use, ...rest }) {
  const [chosen, setChosen] = useState(element.initial_options ?? []);

  function keep(options) {
    setChosen(options);
    use(options);
  }

  const others = (option) => chosen.filter((each) => each.value !== option.value);
  const chips = chosen.map((option) => {
    const drop = () => keep(others(option));
    return h("li", { class: "chip", key: option.value }, option.text.text, h("button", { type: "button", "aria-label": `Remove ${option.text.text}`, onclick: drop }, "×"));
  });
  const isFull = chosen.length >= (element.max_selected_items ?? Infinity);
  return h(
    "div", { class: "many" },
    chips.length > 0 && h("ul", { class: "chips" }, chips),
    !isFull && h(Combobox, { ...rest, element, clears: true, onChoose: (option) => keep([...others(option), option]) }),
  );
}
