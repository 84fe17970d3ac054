// The app's shortcuts: those of the workspace beside the message box, those of a message beside the message.

import { h } from "preact";
import { act } from "./api.js";

export function Shortcuts({ client, kind, label, place = {} }) {
  const offered = client.state.overview.shortcuts.filter((each) => each.kind === kind);
  if (!offered.length) return null;

  async function run(event) {
    const { value } = event.target;
    event.target.value = "";
    await act("shortcut", { user: client.state.me, callback_id: value, ...place }).catch((problem) => client.showBanner(`That did not work: ${problem.message}`));
  }

  return h(
    "select", { class: `shortcuts ${kind}`, "aria-label": label, onchange: run },
    h("option", { value: "" }, kind === "global" ? "⚡ Shortcuts" : "⋯"),
    offered.map((each) => h("option", { value: each.callback_id }, each.name)),
  );
}
