// Confirmations before a button counts, and the modals that the app opens.

import { h } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { act } from "./api.js";
import { Blocks, Text } from "./blocks.js";
import { withHeld } from "./held.js";
import { icon } from "./icons.js";

function useDialog() {
  const dialog = useRef();
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

// What was put into a view's inputs outlives the view being covered by another; it goes with the modal.
const held = new Map();

function useAttempt(desk, view) {
  const [trouble, setTrouble] = useState("");

  async function attempt(what, body) {
    setTrouble("");
    const outcome = await act(what, { user: desk.state.me, view_id: view.id, ...body }).catch((problem) => ({ error: problem.code }));
    if (outcome.error && !["missing_input", "errors"].includes(outcome.error)) setTrouble(TROUBLE(outcome.error));
  }

  return [trouble, attempt];
}

function contextOf(desk, view, values, attempt) {
  async function click(element, block, value) {
    if (element.confirm && !(await desk.confirmed(element.confirm))) return;
    await attempt("click", { action_id: element.action_id, block_id: block.block_id, value });
  }

  return {
    ...desk.contextAt({ view_id: view.id }),
    named: true,
    errors: view.errors,
    touch: (element, block, value) => {
      if (block.type === "input") values[block.block_id] = value;
      const isTyped = element.type.endsWith("_input");
      return block.type !== "input" || (block.dispatch_action && !isTyped) ? click(element, block, value) : undefined;
    },
    onEnter: (element, block, value) => block.dispatch_action && click(element, block, value),
  };
}

const FIELDS = ".content input, .content select, .content textarea";

export function Modal({ desk, view, isDeeper }) {
  const dialog = useDialog();
  const [isSending, setSending] = useState(false);
  const [trouble, attempt] = useAttempt(desk, view);
  if (!held.has(view.id)) held.set(view.id, {});
  const values = held.get(view.id);

  useEffect(() => {
    const modal = dialog.current;
    (modal.querySelector("[aria-invalid]") ?? modal.querySelector(FIELDS) ?? modal.querySelector("footer button")).focus();
  }, [view.id, JSON.stringify(view.errors)]);

  async function submit(event) {
    event.preventDefault();
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
      h(Blocks, { key: view.id, look: "content", blocks: withHeld(view.blocks, values), context: contextOf(desk, view, values, attempt) }),
      h("footer", {},
        h("button", { class: "button", type: "button", onclick: () => attempt("close", {}) }, view.close?.text ?? (isDeeper ? "Back" : "Cancel")),
        view.submit && h("button", { class: "button primary", type: "submit", disabled: isSending }, view.submit.text))),
  );
}
