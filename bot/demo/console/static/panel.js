// The side panel: the guided first minute, the cloud simulator, and the audit log.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { look } from "./api.js";
import { Audit } from "./audit.js";
import { Cloud } from "./cloud.js";
import { Guide } from "./guide.js";
import { icon } from "./icons.js";

const LOOK_MILLISECONDS = 1000;

function useAudit(isThere) {
  const [rows, setRows] = useState([]);
  useEffect(() => {
    if (!isThere) return undefined;
    let timer = 0;
    let known = [];
    let isOver = false;

    async function ask() {
      const { rows: more } = await look("audit", { after: known.at(-1)?.seq ?? 0 }, "/_console").catch(() => ({ rows: [] }));
      if (isOver) return;
      if (more.length) setRows((known = [...known, ...more]));
      timer = setTimeout(ask, LOOK_MILLISECONDS);
    }

    ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isThere]);
  return rows;
}

export function Panel({ client, setup, onClose }) {
  const rows = useAudit(setup.audit);
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
    "aside", { class: "panel", id: "panel", "aria-label": "Behind the scenes" },
    h("header", { class: "panel-head" },
      h("h2", {}, "Behind the scenes"),
      h("button", { class: "icon-button", type: "button", "aria-label": "Close the side panel", onclick: onClose }, icon("close"))),
    setup.guide.length > 0 && h(Guide, { client, steps: setup.guide, rows }),
    parts.length > 0 && h("div", { class: "parts", role: "tablist", "aria-label": "What to look at", onkeydown: onKey }, parts.map(tab)),
    parts.length > 0 && h("div", { class: "part", id: "part", role: "tabpanel", tabindex: 0, "aria-labelledby": `part-${shown}` },
      shown === "cloud" ? h(Cloud, { client }) : h(Audit, { rows })),
  );
}
