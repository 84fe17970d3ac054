// The guided first minute: a step is ticked when the audit log says that it has happened.

import { h } from "preact";
import { useState } from "preact/hooks";
import { icon } from "./icons.js";
import { personOf } from "./names.js";

const DISMISSED = "pgbot-demo-guide";

const fits = (tick, row) => Object.entries(tick).every(([name, word]) => !word || row[name] === word);

const happened = (tick, rows) => rows.some((row) => fits(tick, row));

function begin(desk, step) {
  if (step.seconds) return desk.advance(step.seconds);
  const arrived = desk.become(step.who, step.channel);
  if (step.line) desk.propose(step.line);
  return arrived;
}

function Deed({ desk, step, rows }) {
  const { me, channel } = desk.state;
  if (step.after && !happened(step.after, rows)) return h("p", { class: "words", role: "status" }, "It begins in a moment.");
  // Whoever is there already needs no button to get there; what is left to do is in the conversation.
  if (step.who === me && step.channel === channel && !step.line) return h("p", { class: "words" }, `You are ${personOf(me).real_name} now.`);
  return h("button", { class: "button small", type: "button", onclick: () => begin(desk, step) }, step.button);
}

function StepRow({ desk, step, rows, isTicked, isNext }) {
  const mark = h("span", { class: "mark" }, isTicked ? icon("check") : null);
  const said = isTicked ? "done: " : isNext ? "next: " : "";
  return h(
    "li", { class: isTicked ? "done" : isNext ? "next" : "", "data-step": step.title, "aria-current": isNext ? "step" : null },
    mark,
    h("div", {},
      h("p", { class: "title" }, h("span", { class: "visually-hidden" }, said), step.title),
      isNext && h("p", { class: "words" }, step.text),
      isNext && step.line && h("code", {}, step.line),
      isNext && h(Deed, { desk, step, rows })),
  );
}

export function Guide({ desk, steps, rows }) {
  const [isDismissed, setDismissed] = useState(localStorage.getItem(DISMISSED) === "yes");
  const dismiss = (away) => {
    localStorage.setItem(DISMISSED, away ? "yes" : "no");
    setDismissed(away);
  };
  const ticked = steps.map((step) => happened(step.tick, rows));
  const next = ticked.indexOf(false);
  const count = ticked.filter(Boolean).length;
  if (isDismissed) return h("button", { class: "guide-again", type: "button", onclick: () => dismiss(false) }, "Show the guided first minute");
  return h(
    "section", { class: "guide", id: "guide", "aria-labelledby": "guide-title" },
    h("header", {},
      h("h3", { id: "guide-title" }, "Your first minute"),
      h("span", { class: "progress", role: "status" }, next < 0 ? "All done" : `${count} of ${steps.length}`),
      h("button", { class: "icon-button", type: "button", "aria-label": "Dismiss the guide", onclick: () => dismiss(true) }, icon("close"))),
    h("progress", { max: steps.length, value: count, "aria-label": "Steps done" }),
    h("ol", {}, steps.map((step, index) => h(StepRow, { key: step.title, desk, step, rows, isTicked: ticked[index], isNext: index === next }))),
    next < 0 && h("p", { class: "words" }, "That was all of it: every step stands in the audit log below. Type /pg help for the rest."),
  );
}
