// The header of the conversation: the channel, the clock, and buttons to show or hide parts.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { icon } from "./icons.js";
import { SIGNS } from "./sidebar.js";
import { clockTime } from "./times.js";

const THEME = "pgbot-demo-theme";
const STEPS = [[60, "1 minute"], [600, "10 minutes"], [3600, "1 hour"], [86_400, "1 day"]];

function Clock({ client }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);

  async function advance(event) {
    const seconds = Number(event.target.value);
    event.target.value = "";
    if (seconds) await client.advance(seconds);
  }

  return h(
    "div", { class: "clock" },
    icon("clock"),
    h("time", { id: "clock", datetime: client.now().toISOString() }, clockTime(client.now())),
    h("label", { class: "visually-hidden", for: "advance" }, "Move the clock forward"),
    h("select", { id: "advance", onchange: advance }, h("option", { value: "" }, "+ time"), STEPS.map(([seconds, words]) => h("option", { value: seconds }, words))),
  );
}

export function keepTheme() {
  const kept = localStorage.getItem(THEME);
  if (kept) document.documentElement.dataset.theme = kept;
}

function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem(THEME, root.dataset.theme);
}

function Tabs({ client }) {
  const tab = (name, words) =>
    h("button", { type: "button", id: `tab-${name}`, "aria-pressed": client.state.tab === name, onclick: () => client.showTab(name) }, words);
  return h("div", { class: "tabs", id: "tabs", role: "group", "aria-label": "View of the app" }, tab("messages", "Messages"), tab("home", "Home"));
}

export function Head({ client, channel, side, panel }) {
  const topic = [channel.topic, channel.external && "shared with another company", !channel.has_bot && "the app is not in this channel"];
  return h(
    "header", { class: "pane-head" },
    h("button", { class: "icon-button open-side", type: "button", "aria-label": "Channels and people", "aria-controls": "side", "aria-expanded": side.isOpen, onclick: side.open }, icon("menu")),
    h("div", { class: "pane-title" },
      h("h1", { id: "channel-name" }, icon(SIGNS[channel.kind]), " ", channel.name),
      h("p", { id: "channel-topic", title: channel.topic }, topic.filter(Boolean).join(" · "))),
    channel.kind === "im" && client.state.overview.home_tab && h(Tabs, { client }),
    h(Clock, { client }),
    h("button", { class: "icon-button", id: "theme", type: "button", "aria-label": "Switch between light and dark", onclick: switchTheme }, icon("half")),
    panel && h("button", { class: "icon-button", id: "open-panel", type: "button", "aria-label": "Behind the scenes", "aria-controls": panel.isOpen ? "panel" : null, "aria-expanded": panel.isOpen, onclick: panel.toggle }, icon("panel")),
  );
}
