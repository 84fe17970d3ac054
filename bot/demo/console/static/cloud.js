// The cloud simulator: its clusters, its time, and its faults.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { order } from "./api.js";

const LOOK_MILLISECONDS = 2000;
const STEPS = [[60, "1 min"], [600, "10 min"], [3600, "1 h"], [86_400, "1 day"]];

const FAULTS = [
  ["v1 answers 503", { kind: "status", status: 503, api: "v1" }],
  ["v1 is slow: 2 seconds", { kind: "latency", seconds: 2, api: "v1" }],
  ["v1 asks to slow down: 429, three times", { kind: "status", status: 429, retry_after: 2, api: "v1", times: 3 }],
  ["v2 in Berlin does not answer", { kind: "hang", api: "v2", region: "de-txl" }],
  ["v2 in Frankfurt answers 500", { kind: "status", status: 500, api: "v2", region: "de-fra" }],
  ["The next change is lost on its way back", { kind: "crash_after_accept", method: "POST", path: "/clusters/**", times: 1 }],
  ["The next change is accepted and ignored", { kind: "accept_and_ignore", method: "POST", path: "/clusters/**", times: 1 }],
];

function useCloud() {
  const [seen, setSeen] = useState({ clusters: [], faults: [] });
  const see = async () => {
    const [clusters, faults] = await Promise.all([order("GET", "clusters"), order("GET", "faults")]);
    setSeen({ clusters, faults });
  };
  useEffect(() => {
    see().catch(() => {});
    const timer = setInterval(() => see().catch(() => {}), LOOK_MILLISECONDS);
    return () => clearInterval(timer);
  }, []);
  return { ...seen, see };
}

function Time({ client, see }) {
  const advance = (seconds) => client.advance(seconds).then(see);
  return h(
    "section", { "aria-labelledby": "time-title" },
    h("h3", { id: "time-title" }, "Let time pass"),
    h("div", { class: "together" }, STEPS.map(([seconds, words]) =>
      h("button", { class: "button small", type: "button", "data-advance": seconds, onclick: () => advance(seconds) }, `+ ${words}`))),
  );
}

const faultWords = (fault) => {
  const place = fault.api === "*" ? "both APIs" : `${fault.api}${fault.region === "*" ? "" : ` ${fault.region}`}`;
  const what = FAULTS.find(([, wanted]) => Object.entries(wanted).every(([name, value]) => fault[name] === value));
  return what ? what[0] : `${fault.kind.replaceAll("_", " ")} on ${place}`;
};

function Faults({ faults, give, see }) {
  async function choose(event) {
    const chosen = FAULTS[Number(event.target.value)];
    event.target.value = "";
    if (chosen) await give("POST", "faults", chosen[1]);
    await see();
  }

  const inForce = faults.filter((fault) => fault.left !== 0);
  return h(
    "section", {},
    h("h3", {}, h("label", { for: "fault" }, "Break something")),
    h("select", { class: "control", id: "fault", onchange: choose }, h("option", { value: "" }, "Choose a fault"), FAULTS.map(([words], index) => h("option", { value: index }, words))),
    inForce.length > 0 && h("ul", { class: "faults", "aria-label": "Faults in force" }, inForce.map((fault) => h(
      "li", { key: fault.id },
      h("span", {}, faultWords(fault), h("small", {}, fault.left === null ? ` met ${fault.met} requests` : ` ${fault.left} to come`)),
      h("button", { class: "button small", type: "button", "aria-label": `Mend: ${faultWords(fault)}`, onclick: () => give("DELETE", `faults/${fault.id}`).then(see) }, "Mend"),
    ))),
  );
}

const LOOKS = { AVAILABLE: "good", FAILED: "bad", DEGRADED: "warn", UNKNOWN: "warn" };

function ClusterRow({ cluster, give, see }) {
  const move = () => give("POST", `clusters/${cluster.id}/move`).then(see);
  return h(
    "li", {},
    h("span", { class: `phase ${LOOKS[cluster.phase] ?? "busy"}`, role: "img", "aria-label": cluster.phase, title: cluster.phase }),
    h("span", { class: "name" }, cluster.name, h("small", {}, `${cluster.region} · ${cluster.phase}`)),
    h("span", { class: "tag" }, cluster.api),
    // The cloud decides about a move and refuses an impossible one with a reason.
    cluster.api === "v1" && h("button", { class: "button small", type: "button", "aria-label": `Move ${cluster.name} to v2`, onclick: move }, "Move to v2"),
  );
}

function Clusters({ clusters, give, see }) {
  const [filter, setFilter] = useState("");
  const shown = clusters.filter((cluster) => `${cluster.name} ${cluster.api} ${cluster.phase} ${cluster.region}`.toLowerCase().includes(filter.toLowerCase()));
  return h(
    "section", { class: "clusters", "aria-labelledby": "clusters-title" },
    h("h3", { id: "clusters-title" }, "Clusters ", h("span", { class: "count" }, clusters.length)),
    h("input", { type: "search", class: "control", placeholder: "Name, state, region or API", "aria-label": "Filter the clusters", oninput: (event) => setFilter(event.target.value) }),
    h("ul", {}, shown.map((cluster) => h(ClusterRow, { key: cluster.id, cluster, give, see }))),
    clusters.length > 0 && !shown.length && h("p", { class: "words" }, "Nothing matches"),
  );
}

export function Cloud({ client }) {
  const { clusters, faults, see } = useCloud();
  const give = (method, path, body) => order(method, path, body).catch((problem) => client.showBanner(`The cloud refused: ${problem.message}`));
  return [
    h(Time, { client, see }),
    h(Faults, { faults, give, see }),
    h(Clusters, { clusters, give, see }),
  ];
}
