// Confirmations before a button counts, and the modals that the app opens.

import { h } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { act } from "./api.js";
import { Blocks, Text } from "./blocks.js";
import { useReturnedFocus } from "./focus.js";
import { icon } from "./icons.js";

function useDialog() {
  const dialog = useRef();
  useReturnedFocus();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown.showModal();
    return () => shown.close();
  }, []);
  return dialog;
}

export function Confirm({ confirm }) {
  const dialog = useDialog();
  const look = confirm.style === "danger" ? "solid-danger" : "primary";
  const cancel = (event) => {
    event.preventDefault();
    confirm.answer(false);
  };
  return h(
    "dialog", { id: "confirm", ref: dialog, "aria-labelledby": "confirm-title", oncancel: cancel },
    h("div", { class: "form" },
      h("header", {}, h("h2", { id: "confirm-title" }, confirm.title.text)),
      h("div", { class: "content" }, h(Text, { text: confirm.text })),
      h("footer", {},
        h("button", { class: "button", type: "button", onclick: () => confirm.answer(false) }, confirm.deny.text),
        h("button", { class: `button ${look}`, type: "button", onclick: () => confirm.answer(true) }, confirm.confirm.text))),
  );
}

const TROUBLE = (code) => (code === "operation_timeout" ? "The app did not answer in time. Try again." : `The app answered with the error “${code}”.`);

// Entered values outlive a view being covered by another; they go with the modal.
const enteredValues = new Map();

// Puts entered values back into the inputs as their initial ones.
const optionsOf = (element) => element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);

function initialValues(element, value) {
  if (element.type === "rich_text_input") return { initial_value: value?.elements[0].elements[0].text ?? "" };
  if (element.type === "file_input") return { initial_files: value };
  if (element.type.endsWith("_input")) return { initial_value: value ?? "" };
  if (element.type.endsWith("picker")) return { initial_date: value, initial_time: value, initial_date_time: value };
  if (element.type === "external_select") return { initial_option: value ?? undefined };
  if (element.type === "multi_external_select") return { initial_options: value };
  if (Array.isArray(value)) return { initial_options: optionsOf(element).filter((option) => value.includes(option.value)), initial_users: value };
  return { initial_option: optionsOf(element).find((option) => option.value === value), initial_user: value, initial_channel: value, initial_conversation: value };
}

function withValues(blocks, values) {
  return blocks.map((block) =>
    block.type === "input" && block.block_id in values
      ? { ...block, element: { ...block.element, ...initialValues(block.element, values[block.block_id]) } }
      : block);
}

function useAttempt(client, view) {
  const [trouble, setTrouble] = useState("");

  async function attempt(what, body) {
    setTrouble("");
    const outcome = await act(what, { user: client.state.me, view_id: view.id, ...body }).catch((problem) => ({ error: problem.code }));
    if (outcome.error && !["missing_input", "errors"].includes(outcome.error)) setTrouble(TROUBLE(outcome.error));
  }

  return [trouble, attempt];
}

function contextOf(client, view, values, attempt) {
  async function click(element, block, value) {
    if (element.confirm && !(await client.confirmed(element.confirm))) return;
    await attempt("click", { action_id: element.action_id, block_id: block.block_id, value });
  }

  return {
    ...client.contextAt({ view_id: view.id }),
    named: true,
    errors: view.errors,
    use: (element, block, value) => {
      if (block.type === "input") values[block.block_id] = value;
      const isTyped = element.type.endsWith("_input");
      return block.type !== "input" || (block.dispatch_action && !isTyped) ? click(element, block, value) : undefined;
    },
    onEnter: (element, block, value) => block.dispatch_action && click(element, block, value),
  };
}

const FIELDS = ".content input, .content select, .content textarea";

export function Modal({ client, view, isDeeper }) {
  const dialog = useDialog();
  const [isSending, setSending] = useState(false);
  const [trouble, attempt] = useAttempt(client, view);
  if (!enteredValues.has(view.id)) enteredValues.set(view.id, {});
  const values = enteredValues.get(view.id);

  useLayoutEffect(() => {
    // Before anybody sees the errors: the focus must not leave what is typed next.
    const modal = dialog.current;
    (modal.querySelector("[aria-invalid]") ?? modal.querySelector(FIELDS) ?? modal.querySelector("footer button")).focus();
  }, [view.id, JSON.stringify(view.errors)]);

  async function submit(event) {
    event.preventDefault();
    if (isSending) return;
    setSending(true);
    await attempt("submit", { values });
    setSending(false);
  }

  const cancel = (event) => {
    event.preventDefault();
    attempt("close", {});
  };

  return h(
    "dialog", { id: "modal", ref: dialog, "aria-labelledby": "modal-title", oncancel: cancel },
    h("form", { class: "form", novalidate: true, onsubmit: submit },
      h("header", {},
        h("h2", { id: "modal-title" }, view.title.text),
        h("button", { class: "icon-button", type: "button", "aria-label": "Close", onclick: () => attempt("close", { everything: true }) }, icon("close"))),
      trouble && h("p", { class: "trouble", role: "alert" }, trouble),
      h(Blocks, { key: view.id, look: "content", blocks: withValues(view.blocks, values), context: contextOf(client, view, values, attempt) }),
      h("footer", {},
        h("button", { class: "button", type: "button", onclick: () => attempt("close", {}) }, view.close?.text ?? (isDeeper ? "Back" : "Cancel")),
        view.submit && h("button", { class: "button primary", type: "submit", "aria-disabled": isSending || null }, view.submit.text))),
  );
}
