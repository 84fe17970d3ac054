// The audit log, newest first: person, command and outcome.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { look } from "./api.js";
import { personOf } from "./names.js";
import { clockTime, utc } from "./times.js";

const LOOK_MILLISECONDS = 1000;
const LOOKS = { ok: "good", done: "good", approved: "good", denied: "bad", error: "bad", failed: "bad", unknown: "warn", mistyped: "warn" };

export function useAudit(isThere) {
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

function who(actor) {
  // At the terminal: “os:root as slack:U0BOB”.
  const person = actor.split(" as ").pop();
  const [origin, id] = person.includes(":") ? person.split(":", 2) : ["", person];
  return origin === "slack" ? personOf(id).real_name : id;
}

function Row({ row }) {
  const moment = new Date(row.at);
  return h(
    "li", {},
    h("div", { class: "by" },
      h("strong", {}, who(row.actor)),
      h("time", { datetime: row.at, title: utc(moment) }, clockTime(moment)),
      h("span", { class: "seq" }, `#${row.seq}`)),
    h("div", { class: "did" }, h("span", { class: "kind" }, row.kind), h("span", { class: `outcome ${LOOKS[row.outcome] ?? ""}` }, row.outcome)),
    h("p", { class: "words" }, row.text || row.command),
    row.detail && row.detail !== row.text && h("p", { class: "detail" }, row.detail),
  );
}

export function Audit({ rows }) {
  if (!rows.length) return h("p", { class: "empty" }, "Nothing has happened yet.");
  return h("ol", { class: "audit", id: "audit", reversed: true, "aria-label": "Audit log, newest first" }, rows.toReversed().map((row) => h(Row, { key: row.seq, row })));
}
