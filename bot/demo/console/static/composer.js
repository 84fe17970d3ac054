// The message box: slash commands with suggestions, history with the arrow keys, Enter to send.

import { byId, h } from "./dom.js";

export function startComposer({ hints, onSend }) {
  const form = byId("composer");
  const box = byId("composer-text");
  const list = byId("suggestions");
  const note = byId("composer-note");
  const view = { shown: [], at: -1, sent: [], back: 0, dismissed: false };

  function grow() {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, innerHeight * 0.4)}px`;
  }

  function suggestionsFor(text) {
    if (!text.startsWith("/") || text.includes("\n")) return [];
    const typed = text.toLowerCase();
    const begins = hints.filter((hint) => hint.line.toLowerCase().startsWith(typed) && hint.line !== text);
    const words = typed.split(/\s+/).slice(1).filter(Boolean);
    const holds = hints.filter((hint) => words.length && !begins.includes(hint) && words.every((word) => hint.line.toLowerCase().includes(word)));
    return [...begins, ...holds].slice(0, 10);
  }

  function draw() {
    view.shown = view.dismissed ? [] : suggestionsFor(box.value);
    view.at = Math.min(view.at, view.shown.length - 1);
    list.replaceChildren(...view.shown.map((hint, index) => {
      const item = h("div", { class: "suggestion", role: "option", id: `suggestion-${index}`, "aria-selected": String(index === view.at) }, h("b", {}, hint.line), h("span", {}, hint.help));
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(index);
      });
      return item;
    }));
    list.hidden = !view.shown.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    if (view.at >= 0) box.setAttribute("aria-activedescendant", `suggestion-${view.at}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function put(text) {
    box.value = text;
    grow();
    draw();
  }

  function take(index) {
    // What stands in <angle> or [square] brackets is for the person to fill in.
    const line = view.shown[index].line.replace(/\s*[<[].*$/, "");
    view.at = -1;
    put(line === view.shown[index].line ? line : `${line} `);
    box.focus();
  }

  function recall(step) {
    const back = Math.min(Math.max(view.back + step, 0), view.sent.length);
    if (back === view.back) return;
    view.back = back;
    put(back ? view.sent.at(-back) : "");
    view.dismissed = true;
    draw();
  }

  async function send() {
    const text = box.value.trim();
    if (!text) return;
    view.sent.push(text);
    Object.assign(view, { back: 0, at: -1, dismissed: false });
    put("");
    note.textContent = text.startsWith("/") ? "Waiting for the app…" : "";
    try {
      await onSend(text);
      note.textContent = "";
    } catch (problem) {
      note.textContent = problem.code === "unknown_command" ? "No app here knows that command." : `Not sent: ${problem.message}`;
    }
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && view.shown.length) {
      view.at = view.at < 0 && step < 0 ? view.shown.length - 1 : (view.at + step + view.shown.length) % view.shown.length;
      draw();
    } else if (step && (box.value === "" || view.back)) recall(-step);
    else if (event.key === "Tab" && view.shown.length && !event.shiftKey) take(Math.max(view.at, 0));
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      if (view.at >= 0) take(view.at);
      else send();
    } else if (event.key === "Escape" && view.shown.length) {
      Object.assign(view, { dismissed: true, at: -1 });
      draw();
    } else return;
    event.preventDefault();
  }

  box.addEventListener("keydown", onKey);
  box.addEventListener("input", () => {
    Object.assign(view, { dismissed: false, at: -1, back: 0 });
    grow();
    draw();
  });
  box.addEventListener("blur", () => {
    view.dismissed = true;
    draw();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  return { put, focus: () => box.focus(), describe: (words) => box.setAttribute("placeholder", words) };
}
