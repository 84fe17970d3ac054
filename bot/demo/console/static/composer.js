// The message box: slash commands with suggestions, history with the arrow keys, Enter to send.

import { h } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { icon } from "./icons.js";

const MOST = 10;

export function suggestionsFor(hints, text) {
  if (!text.startsWith("/") || text.includes("\n")) return [];
  const typed = text.toLowerCase();
  const begins = hints.filter((hint) => hint.line.toLowerCase().startsWith(typed) && hint.line !== text);
  const words = typed.split(/\s+/).slice(1).filter(Boolean);
  const holds = hints.filter((hint) => words.length && !begins.includes(hint) && words.every((word) => hint.line.toLowerCase().includes(word)));
  return [...begins, ...holds].slice(0, MOST);
}

// Text in <angle> or [square] brackets is for the person to fill in.
function lineOf(hint) {
  const line = hint.line.replace(/\s*[<[].*$/, "");
  return line === hint.line ? line : `${line} `;
}

const EMPTY = { text: "", at: -1, back: 0, dismissed: false };

function Suggestion({ hint, id, isChosen, onTake }) {
  const take = (event) => {
    event.preventDefault();
    onTake();
  };
  return h("div", { class: "suggestion", role: "option", id, "aria-selected": isChosen, onmousedown: take }, h("b", {}, hint.line), h("span", {}, hint.help));
}

export function Composer({ hints, draft, placeholder, hidden, onSend, children }) {
  const box = useRef();
  const sent = useRef([]);
  const [view, setView] = useState(EMPTY);
  const [note, setNote] = useState("");
  const shown = view.dismissed ? [] : suggestionsFor(hints, view.text);
  const at = Math.min(view.at, shown.length - 1);

  useLayoutEffect(() => {
    if (!draft) return;
    setView({ ...EMPTY, text: draft.text, dismissed: true });
    box.current.focus();
  }, [draft]);

  function take(index) {
    setView({ ...EMPTY, text: lineOf(shown[index]) });
    box.current.focus();
  }

  function recall(step) {
    const back = Math.min(Math.max(view.back + step, 0), sent.current.length);
    setView({ ...EMPTY, text: back ? sent.current.at(-back) : "", back, dismissed: true });
  }

  async function send() {
    const text = box.current.value.trim();
    if (!text) return;
    sent.current.push(text);
    setView(EMPTY);
    setNote(text.startsWith("/") ? "Waiting for the app…" : "");
    const wrong = await onSend(text).then(() => "", (problem) =>
      problem.code === "unknown_command" ? "No app here knows that command." : `Not sent: ${problem.message}`);
    setNote(wrong);
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) setView({ ...view, at: at < 0 && step < 0 ? shown.length - 1 : (at + step + shown.length) % shown.length });
    else if (step && (view.text === "" || view.back)) recall(-step);
    else if (event.key === "Tab" && shown.length && !event.shiftKey) take(Math.max(at, 0));
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      if (at >= 0) take(at);
      else send();
    } else if (event.key === "Escape" && shown.length) setView({ ...view, dismissed: true, at: -1 });
    else return;
    event.preventDefault();
  }

  const submit = (event) => {
    event.preventDefault();
    send();
  };

  return h(
    "form", { class: "composer", id: "composer", autocomplete: "off", hidden, onsubmit: submit },
    h("div", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": "Suggested commands", hidden: !shown.length },
      shown.map((hint, index) => h(Suggestion, { key: hint.line, hint, id: `suggestion-${index}`, isChosen: index === at, onTake: () => take(index) }))),
    h("label", { class: "visually-hidden", for: "composer-text" }, "Message or slash command"),
    h("textarea", {
      ref: box, id: "composer-text", rows: 1, role: "combobox", spellcheck: false, placeholder, value: view.text,
      "aria-expanded": shown.length > 0, "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-activedescendant": at >= 0 ? `suggestion-${at}` : null,
      onkeydown: onKey, onblur: () => setView((now) => ({ ...now, dismissed: true })),
      oninput: (event) => setView({ ...EMPTY, text: event.target.value }),
    }),
    h("button", { class: "send", type: "submit", "aria-label": "Send" }, icon("send")),
    h("p", { class: "composer-note", role: "status", id: "composer-note" }, note),
    children,
  );
}

export function ReplyBox({ onSend }) {
  const box = useRef();
  const [note, setNote] = useState("");
  useEffect(() => box.current.focus(), []);

  async function send(event) {
    event.preventDefault();
    const text = box.current.value.trim();
    if (!text) return;
    box.current.value = "";
    setNote(await onSend(text).then(() => "", (problem) => `Not sent: ${problem.message}`));
  }

  const onKey = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && send(event);
  return h(
    "form", { class: "composer", autocomplete: "off", onsubmit: send },
    h("label", { class: "visually-hidden", for: "thread-text" }, "Reply in the thread"),
    h("textarea", { ref: box, id: "thread-text", rows: 1, placeholder: "Reply", onkeydown: onKey }),
    h("button", { class: "send", type: "submit", "aria-label": "Send the reply" }, icon("send")),
    h("p", { class: "composer-note", role: "status" }, note),
  );
}
