// The side panel: the guided first minute, the cloud simulator, and the audit log.

import { h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Audit } from "./audit.js";
import { Cloud } from "./cloud.js";
import { onEscape, useReturnedFocus } from "./focus.js";
import { icon } from "./icons.js";

export function Panel({ client, setup, rows, guide, isPage, onClose }) {
  const cross = useRef();
  useReturnedFocus();
  useEffect(() => {
    if (isPage) cross.current.focus();
  }, []);
  const parts = [setup.cloud && ["cloud", "Cloud"], setup.audit && ["audit", "Audit log"]].filter(Boolean);
  const [shown, setShown] = useState(parts[0]?.[0]);
  const tab = ([name, words]) => h(
    "button",
    { key: name, type: "button", role: "tab", id: `part-${name}`, "aria-selected": shown === name, "aria-controls": "part", tabindex: shown === name ? 0 : -1, onclick: () => setShown(name) },
    words,
    name === "audit" && rows.length > 0 && h("span", { class: "count" }, rows.length),
  );

  function onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = parts.map(([name]) => name);
    const next = names[(names.indexOf(shown) + step + names.length) % names.length];
    setShown(next);
    document.getElementById(`part-${next}`).focus();
  }

  return h(
    "aside", { class: "panel", id: "panel", "aria-label": "Behind the scenes", onkeydown: isPage ? onEscape(onClose) : null },
    h("header", { class: "panel-head" },
      h("h2", {}, "Behind the scenes"),
      h("button", { ref: cross, class: "icon-button", type: "button", "aria-label": "Close the side panel", onclick: onClose }, icon("close"))),
    guide,
    parts.length > 0 && h("div", { class: "parts", role: "tablist", "aria-label": "What to look at", onkeydown: onKey }, parts.map(tab)),
    parts.length > 0 && h("div", { class: "part", id: "part", role: "tabpanel", tabindex: 0, "aria-labelledby": `part-${shown}` },
      shown === "cloud" ? h(Cloud, { client }) : h(Audit, { rows })),
  );
}
