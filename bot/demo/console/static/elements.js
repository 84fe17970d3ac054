// Buttons, menus, pickers and inputs: what a person can touch. `touch(element, block, value)` tells who asks.

import { h } from "./dom.js";
import { typedAhead } from "./typed.js";
import { personLabel } from "./names.js";

const label = (text) => text?.text ?? "";

function button(element, block, touch) {
  const look = { primary: " primary", danger: " danger" }[element.style] ?? "";
  const control = h(
    "button",
    { type: "button", class: `button${look}`, "data-action": element.action_id, "aria-label": element.accessibility_label },
    label(element.text),
  );
  control.addEventListener("click", async () => {
    if (control.disabled) return;
    if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
    control.disabled = true;
    control.setAttribute("aria-busy", "true");
    try {
      await touch(element, block, undefined);
    } finally {
      control.disabled = false;
      control.removeAttribute("aria-busy");
    }
  });
  return control;
}

const optionElement = (option, initial) =>
  h("option", { value: option.value, selected: initial?.value === option.value }, label(option.text));

function menu(element, block, touch) {
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  const children = groups.map((group) => {
    const options = group.options.map((option) => optionElement(option, element.initial_option));
    return group.label ? h("optgroup", { label: label(group.label) }, options) : options;
  });
  const words = element.type === "overflow" ? "⋯ More" : label(element.placeholder) || "Choose";
  const control = h("select", { class: "control", "aria-label": words }, h("option", { value: "" }, words), children);
  control.addEventListener("change", async () => {
    await touch(element, block, control.value || null);
    if (element.type === "overflow") control.value = "";
  });
  return control;
}

function people(element, block, touch, context) {
  const options = (context.people ?? []).filter((person) => !person.bot && !person.deleted);
  const control = h(
    "select", { class: "control", "aria-label": label(element.placeholder) || "Choose a person" },
    h("option", { value: "" }, label(element.placeholder) || "Choose a person"),
    options.map((person) => h("option", { value: person.id, selected: person.id === element.initial_user }, personLabel(person.id))),
  );
  control.addEventListener("change", () => touch(element, block, control.value || null));
  return control;
}

function channels(element, block, touch, context) {
  const initial = element.initial_channel ?? element.initial_conversation;
  const control = h(
    "select", { class: "control", "aria-label": label(element.placeholder) || "Choose a channel" },
    h("option", { value: "" }, label(element.placeholder) || "Choose a channel"),
    Object.entries(context.channels ?? {}).map(([id, name]) => h("option", { value: id, selected: id === initial }, `#${name}`)),
  );
  control.addEventListener("change", () => touch(element, block, control.value || null));
  return control;
}

function marks(element, block, touch) {
  const many = element.type === "checkboxes" || element.type.startsWith("multi_");
  const name = `${block.block_id}.${element.action_id}`;
  const initial = new Set((element.initial_options ?? [element.initial_option]).filter(Boolean).map((option) => option.value));
  const options = element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
  const field = h("fieldset", { class: "choices" }, h("legend", { class: "visually-hidden" }, label(block.label) || "Choose"));
  for (const option of options) {
    const mark = h("input", { type: many ? "checkbox" : "radio", name, value: option.value, checked: initial.has(option.value) });
    const description = option.description && h("small", {}, ` ${label(option.description)}`);
    field.append(h("label", {}, mark, h("span", {}, label(option.text), description)));
  }
  field.addEventListener("change", () => {
    const chosen = [...field.querySelectorAll("input:checked")].map((mark) => mark.value);
    touch(element, block, many ? chosen : chosen[0]);
  });
  return field;
}

const picker = (type, initial, read = (value) => value || null) => (element, block, touch) => {
  const value = initial(element);
  const words = label(element.placeholder) || { date: "Date", time: "Time" }[type] || "Date and time";
  const control = h("input", { type, class: "control", value, "aria-label": words });
  control.addEventListener("change", () => touch(element, block, read(control.value)));
  return control;
};

function typedText(element, block, touch) {
  const tag = element.multiline ? "textarea" : "input";
  const type = { number_input: "number", email_text_input: "email", url_text_input: "url" }[element.type] ?? "text";
  const control = h(tag, {
    class: "control",
    type: element.multiline ? null : type,
    rows: element.multiline ? 4 : null,
    placeholder: label(element.placeholder),
    minlength: element.min_length,
    maxlength: element.max_length,
    min: element.min_value,
    max: element.max_value,
    step: element.is_decimal_allowed ? "any" : null,
    value: element.multiline ? null : element.initial_value,
  });
  if (element.multiline) control.value = element.initial_value ?? "";
  control.addEventListener("input", () => touch(element, block, control.value || null));
  return control;
}

const BUILDERS = {
  button,
  overflow: menu,
  static_select: menu,
  external_select: (element, block, touch, context) => typedAhead(element, block, touch, context),
  users_select: people,
  conversations_select: channels,
  channels_select: channels,
  checkboxes: marks,
  radio_buttons: marks,
  multi_static_select: marks,
  datepicker: picker("date", (element) => element.initial_date),
  timepicker: picker("time", (element) => element.initial_time),
  datetimepicker: picker(
    "datetime-local",
    (element) => element.initial_date_time && new Date(element.initial_date_time * 1000).toISOString().slice(0, 16),
    (value) => (value ? Math.floor(Date.parse(`${value}Z`) / 1000) : null),
  ),
  plain_text_input: typedText,
  number_input: typedText,
  email_text_input: typedText,
  url_text_input: typedText,
};

export function renderElement(element, block, context) {
  const build = BUILDERS[element.type];
  if (!build) return h("span", { class: "unknown" }, `(${element.type} is not shown here)`);
  return build(element, block, context.touch, context);
}
