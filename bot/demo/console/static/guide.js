// The guided first minute: a row in the audit log ticks a step.

import { h } from "preact";
import { useState } from "preact/hooks";
import { icon } from "./icons.js";
import { personOf } from "./names.js";

const DISMISSED = "pgbot-demo-guide";

const matches = (tick, row) => Object.entries(tick).every(([name, word]) => !word || row[name] === word);

const happened = (tick, rows) => rows.some((row) => matches(tick, row));

function begin(client, step) {
  if (step.seconds) return client.advance(step.seconds);
  const arrived = client.switchTo(step.who, step.channel);
  if (step.line) client.draft(step.line);
  return arrived;
}

function StepButton({ client, step, rows }) {
  const { me, channel } = client.state;
  if (step.after && !happened(step.after, rows)) return h("p", { class: "words", role: "status" }, "It begins in a moment.");
  // Without a line, a person who is there already needs no button.
  if (step.who === me && step.channel === channel && !step.line) return h("p", { class: "words" }, `You are ${personOf(me).real_name} now.`);
  return h("button", { class: "button small", type: "button", onclick: () => begin(client, step) }, step.button);
}

function StepRow({ client, step, rows, isTicked, isNext }) {
  const mark = h("span", { class: "mark" }, isTicked ? icon("check") : null);
  const said = isTicked ? "done: " : isNext ? "next: " : "";
  return h(
    "li", { class: isTicked ? "done" : isNext ? "next" : "", "data-step": step.title, "aria-current": isNext ? "step" : null },
    mark,
    h("div", {},
      h("p", { class: "title" }, h("span", { class: "visually-hidden" }, said), step.title),
      isNext && h("p", { class: "words" }, step.text),
      isNext && step.line && h("code", {}, step.line),
      isNext && h(StepButton, { client, step, rows })),
  );
}

export function Guide({ client, steps, rows }) {
  const [isDismissed, setDismissed] = useState(localStorage.getItem(DISMISSED) === "yes");
  const dismiss = (away) => {
    localStorage.setItem(DISMISSED, away ? "yes" : "no");
    setDismissed(away);
    requestAnimationFrame(() => document.querySelector(away ? ".guide-again" : "#guide button").focus());
  };
  const ticked = steps.map((step) => happened(step.tick, rows));
  const next = ticked.indexOf(false);
  const count = ticked.filter(Boolean).length;
  if (isDismissed) return h("button", { class: "guide-again", type: "button", onclick: () => dismiss(false) }, "Show the guided first minute");
  return h(
    "section", { class: "guide", id: "guide", "aria-labelledby": "guide-title" },
    h("header", {},
      h("h2", { id: "guide-title" }, "Your first minute"),
      h("span", { class: "progress", role: "status" }, next < 0 ? "All done" : `${count} of ${steps.length}`),
      h("button", { class: "icon-button", type: "button", "aria-label": "Dismiss the guide", onclick: () => dismiss(true) }, icon("close"))),
    h("progress", { max: steps.length, value: count, "aria-label": "Steps done" }),
    h("ol", {}, steps.map((step, index) => h(StepRow, { key: step.title, client, step, rows, isTicked: ticked[index], isNext: index === next }))),
    next < 0 && h("p", { class: "words" }, "That was all: every step is in the audit log. Type /pg help for more."),
  );
}
