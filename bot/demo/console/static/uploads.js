// The file input: a chosen file is uploaded at once, as in Slack; the form carries its id.

import { h } from "preact";
import { useState } from "preact/hooks";

export function FileInput({ element, use, upload, field }) {
  const [files, setFiles] = useState(element.initial_files ?? []);
  const [trouble, setTrouble] = useState("");

  function keep(kept) {
    setFiles(kept);
    use(kept);
  }

  async function add(event) {
    const input = event.target;
    setTrouble("");
    try {
      keep([...files, ...(await Promise.all([...input.files].map(upload)))]);
    } catch (problem) {
      setTrouble(`That could not be uploaded: ${problem.message}`);
    }
    input.value = "";
  }

  const chips = files.map((file) => {
    const drop = () => keep(files.filter((each) => each.id !== file.id));
    return h("li", { class: "chip", key: file.id }, file.name, h("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: drop }, "×"));
  });
  return h(
    "div", { class: "many" },
    chips.length > 0 && h("ul", { class: "chips" }, chips),
    h("input", { type: "file", class: "control", ...field, multiple: element.max_files !== 1, accept: element.filetypes?.map((kind) => `.${kind}`).join(","), onchange: add }),
    trouble && h("p", { class: "trouble", role: "alert" }, trouble),
  );
}
