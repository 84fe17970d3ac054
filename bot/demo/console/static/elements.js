// Buttons, menus, pickers and inputs. `use(value)` reports the person's use.

import { h } from "preact";
import { useState } from "preact/hooks";
import { personLabel } from "./names.js";
import { momentOf, wallTime, zoneName } from "./times.js";
import { Combobox, ManyTyped } from "./typed.js";
import { FileInput } from "./uploads.js";

const words = (text) => text?.text ?? "";

function Button({ element, use }) {
  const [isBusy, setBusy] = useState(false);
  const look = { primary: " primary", danger: " danger" }[element.style] ?? "";

  async function press() {
    if (isBusy) return;
    if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
    setBusy(true);
    await use(undefined);
    setBusy(false);
  }

  return h(
    "button",
    { type: "button", class: `button${look}`, "data-action": element.action_id, "aria-label": element.accessibility_label, "aria-disabled": isBusy || null, "aria-busy": isBusy || null, onclick: press },
    words(element.text),
  );
}

function Menu({ element, use, label, options, field }) {
  const isOverflow = element.type === "overflow";
  const prompt = isOverflow ? "⋯ More" : words(element.placeholder) || "Choose";
  const initial = element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation;
  const choice = (option) => h("option", { value: option.value, selected: option.value === initial }, words(option.text));

  async function choose(event) {
    const menu = event.target;
    await use(menu.value || null);
    if (isOverflow) menu.value = "";
  }

  const groups = element.option_groups?.map((group) => h("optgroup", { label: words(group.label) }, group.options.map(choice)));
  return h("select", { class: "control", "aria-label": field.id ? null : isOverflow ? prompt : label, ...field, onchange: choose }, h("option", { value: "" }, prompt), groups ?? options.map(choice));
}

const optionOf = (value, text) => ({ value, text: { text } });

function isOffered({ kind, external, archived }, { include, exclude_external_shared_channels: ownOnly, exclude_bot_users: noBots }) {
  return !archived && (!include || include.includes(kind)) && !(external && ownOnly) && !(kind === "im" && noBots);
}

export function optionsFor(element, context) {
  if (/users_select$/.test(element.type)) {
    return context.people.filter((person) => !person.bot && !person.deleted).map((person) => optionOf(person.id, personLabel(person.id)));
  }
  if (/conversations_select$/.test(element.type) && element.filter) {
    return context.conversations.filter((each) => isOffered(each, element.filter)).map((each) => optionOf(each.id, `#${each.name}`));
  }
  if (/(channels|conversations)_select$/.test(element.type)) {
    return Object.entries(context.channels).map(([id, name]) => optionOf(id, `#${name}`));
  }
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

function initialValues(element) {
  const ids = element.initial_users ?? element.initial_channels ?? element.initial_conversations ?? [];
  const options = element.initial_options ?? [element.initial_option].filter(Boolean);
  return new Set([...ids, ...options.map((option) => option.value)]);
}

function Marks({ element, use, label, options, field }) {
  const isMany = element.type !== "radio_buttons";
  const initial = initialValues(element);

  function change(event) {
    const marked = [...event.currentTarget.querySelectorAll("input:checked")].map((mark) => mark.value);
    use(isMany ? marked : marked[0]);
  }

  const mark = (option) => h(
    "label", {},
    h("input", { type: isMany ? "checkbox" : "radio", name: `${field.name}`, value: option.value, defaultChecked: initial.has(option.value) }),
    h("span", {}, words(option.text), option.description && h("small", {}, ` ${words(option.description)}`)),
  );
  return h("fieldset", { class: "choices", "aria-describedby": field["aria-describedby"], onchange: change }, h("legend", { class: "visually-hidden" }, label), options.map(mark));
}

const PICKERS = {
  datepicker: { type: "date", label: "Date", initial: (element) => element.initial_date },
  timepicker: { type: "time", label: "Time", initial: (element) => element.initial_time },
  datetimepicker: {
    type: "datetime-local",
    label: "Date and time",
    initial: (element) => element.initial_date_time && wallTime(element.initial_date_time),
    read: momentOf,
  },
};

function Picker({ element, use, label, field }) {
  const { type, label: what, initial, read = (value) => value } = PICKERS[element.type];
  const choose = (event) => use(event.target.value ? read(event.target.value) : null);
  const control = h("input", { type, class: "control", "aria-label": field.id ? null : label || what, ...field, defaultValue: initial(element), onchange: choose });
  return type === "datetime-local" ? h("span", { class: "zoned" }, control, ` ${zoneName()}`) : control;
}

const TYPES = { number_input: "number", email_text_input: "email", url_text_input: "url" };
const asRichText = (text) => ({ type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] });

function TypedText({ element, use, field, onEnter }) {
  const isRich = element.type === "rich_text_input";
  const isLong = element.multiline || isRich;
  const read = (text) => (text && isRich ? asRichText(text) : text || null);
  return h(isLong ? "textarea" : "input", {
    class: "control", ...field, type: isLong ? null : TYPES[element.type] ?? "text", rows: isLong ? 4 : null, placeholder: words(element.placeholder),
    minlength: element.min_length, maxlength: element.max_length, min: element.min_value, max: element.max_value,
    step: element.is_decimal_allowed ? "any" : null, defaultValue: element.initial_value ?? "",
    oninput: (event) => use(read(event.target.value)),
    onkeydown: onEnter && ((event) => event.key === "Enter" && onEnter(read(event.target.value))),
  });
}

const External = ({ element, use, label, search, field }) =>
  element.type === "multi_external_select"
    ? h(ManyTyped, { element, use, label, search, inputId: field.id, "aria-describedby": field["aria-describedby"], "aria-invalid": field["aria-invalid"] })
    : h(Combobox, { element, label, search, onChoose: use, inputId: field.id, "aria-describedby": field["aria-describedby"], "aria-invalid": field["aria-invalid"] });

function controlFor(type) {
  if (type === "button") return Button;
  if (type.endsWith("external_select")) return External;
  if (type.startsWith("multi_") || type === "checkboxes" || type === "radio_buttons") return Marks;
  if (type === "overflow" || type.endsWith("_select")) return Menu;
  if (type in PICKERS) return Picker;
  if (type === "file_input") return FileInput;
  return type.endsWith("_input") ? TypedText : null;
}

export const isGroup = (element) => controlFor(element.type) === Marks;

export function Control({ element, block, context, field = {} }) {
  const control = controlFor(element.type);
  if (!control) return h("span", { class: "unknown" }, `(${element.type} is not shown here)`);
  const label = words(element.placeholder) || words(block.label) || (element.type in PICKERS ? "" : "Choose");
  return h(control, {
    element,
    label,
    field: isGroup(element) ? { ...field, name: `${block.block_id}.${element.action_id}` } : field,
    options: optionsFor(element, context),
    use: (value) => context.use(element, block, value),
    onEnter: context.onEnter && ((value) => context.onEnter(element, block, value)),
    search: (text) => context.search(element, block, text),
    upload: context.upload,
  });
}
