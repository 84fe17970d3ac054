// Confirmations before a button counts, and the modals that the app opens.

import { act } from "./api.js";
import { renderBlocks, renderText } from "./blocks.js";
import { byId, h } from "./dom.js";

export function confirmed(confirm) {
  const dialog = byId("confirm");
  return new Promise((resolve) => {
    const look = confirm.style === "danger" ? "solid-danger" : "primary";
    dialog.replaceChildren(h(
      "form", { method: "dialog" },
      h("header", {}, h("h2", { id: "confirm-title" }, confirm.title.text)),
      h("div", { class: "content" }, renderText(confirm.text)),
      h(
        "footer", {},
        h("button", { class: "button", value: "no" }, confirm.deny.text),
        h("button", { class: `button ${look}`, value: "yes" }, confirm.confirm.text),
      ),
    ));
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

export function createModal({ personId, contextBase }) {
  const dialog = byId("modal");
  let open = null;
  let values = {};

  function touch(element, block, value) {
    if (block.type !== "input" || block.dispatch_action) {
      return sendClick(element, block, value);
    }
    values[element.action_id] = value;
    return Promise.resolve();
  }

  async function sendClick(element, block, value) {
    if (element.confirm && !(await confirmed(element.confirm))) return;
    values[element.action_id] = value;
    await attempt("click", { action_id: element.action_id, block_id: block.block_id, value });
  }

  async function attempt(what, body) {
    const trouble = dialog.querySelector(".trouble");
    if (trouble) trouble.hidden = true;
    try {
      const outcome = await act(what, { user: personId(), view_id: open.id, ...body });
      if (!outcome.ok) show(outcome.error);
    } catch (problem) {
      if (problem.code !== "missing_input" && problem.code !== "errors") show(problem.message);
    }
  }

  function show(error) {
    const trouble = dialog.querySelector(".trouble");
    if (!trouble) return;
    trouble.textContent = error === "operation_timeout" ? "The app did not answer in time. Try again." : `The app answered with the error "${error}".`;
    trouble.hidden = false;
  }

  function context(view) {
    return {
      ...contextBase(),
      errors: view.errors,
      touch,
      search: (element, block, text) =>
        act("search", { user: personId(), view_id: view.id, block_id: block.block_id, action_id: element.action_id, text }).then((answer) => answer.options),
    };
  }

  function heldInputs() {
    const kept = {};
    for (const field of dialog.querySelectorAll(".input")) {
      const control = field.querySelector("input:not([type=radio]):not([type=checkbox]), select, textarea");
      if (control) kept[field.dataset.name] = control.value;
    }
    return kept;
  }

  function draw(view, deeper) {
    const same = open?.id === view.id;
    const held = same ? heldInputs() : {};
    if (!same) values = {};
    open = view;
    const content = renderBlocks(view.blocks, context(view));
    content.classList.add("content");
    content.querySelectorAll(":scope > .input").forEach((field, index) => {
      const block = view.blocks.filter((each) => each.type === "input")[index];
      field.dataset.name = `${block.block_id}/${block.element.action_id}`;
      const control = field.querySelector("input:not([type=radio]):not([type=checkbox]), select, textarea");
      if (control && held[field.dataset.name]) control.value = held[field.dataset.name];
    });
    const form = h(
      "form", { novalidate: true },
      h("header", {},
        h("h2", { id: "modal-title" }, view.title.text),
        h("button", { class: "icon-button", type: "button", "aria-label": "Close", onclick: () => attempt("close", { everything: true }) }, "✕")),
      h("p", { class: "trouble", role: "alert", hidden: true }),
      content,
      h("footer", {},
        h("button", { class: "button", type: "button", onclick: () => attempt("close", {}) }, view.close?.text ?? (deeper ? "Back" : "Cancel")),
        view.submit && h("button", { class: "button primary", type: "submit" }, view.submit.text)),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const send = form.querySelector("[type=submit]");
      send.disabled = true;
      await attempt("submit", { values });
      send.disabled = false;
    });
    dialog.replaceChildren(form);
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[aria-invalid], .content input, .content select, .content textarea") ?? form.querySelector("button")).focus();
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    attempt("close", {});
  });

  return {
    update(stack) {
      const view = stack.at(-1);
      if (!view) {
        open = null;
        if (dialog.open) dialog.close();
      } else if (!open || open.id !== view.id || open.hash !== view.hash || JSON.stringify(open.errors) !== JSON.stringify(view.errors)) {
        draw(view, stack.length > 1);
      }
    },
  };
}
