// Drawn icons, since not every machine has an emoji font.

import { h } from "preact";

const PATHS = {
  eye: "M1.5 8s2.4-4.5 6.5-4.5S14.5 8 14.5 8 12.1 12.5 8 12.5 1.5 8 1.5 8Z M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  lock: "M4 7.5h8v6H4Z M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  mail: "M2 4h12v8.5H2Z M2 4.5l6 4.5 6-4.5",
  hash: "M6.5 2.5l-1.5 11 M11 2.5l-1.5 11 M2.8 5.8h10.9 M2.3 10.2h10.9",
  half: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z M8 2v12 M8 5l4.5 0 M8 8h6 M8 11h4.5",
  menu: "M2.5 4.500h11 M2.5 8h11 M2.5 11.500h11",
  close: "M4 4l8 8 M12 4l-8 8",
  send: "M2.5 8L13.5 2.800L11 13.200L7.5 9.300Z M7.5 9.300L13.5 2.8",
  panel: "M2 3h12v10H2Z M10 3v10",
  left: "M10 3.500L5.5 8L10 12.5",
  right: "M6 3.500L10.5 8L6 12.5",
  reply: "M2.5 3h11v7.500H7L4 13.200V10.500H2.500Z",
  bolt: "M9 1.800L3.5 9h3.800L6.8 14.200L12.5 7H8.600Z",
  clock: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z M8 4.800V8l2.3 1.6",
  disc: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  ring: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  check: "M2.5 8.500l3.7 3.7L13.5 4",
  cross: "M3.5 3.5l9 9 M12.5 3.5l-9 9",
  stop: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z M4.5 8h7",
  caution: "M8 2.2L14.5 13.5h-13Z M8 6.5v3.3 M8 11.6v.1",
  hourglass: "M4 2h8 M4 14h8 M4.8 2c0 3.5 3.2 4 3.2 6s-3.2 2.5-3.2 6 M11.2 2c0 3.5-3.2 4-3.2 6s3.2 2.5 3.2 6",
  about: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z M8 7.3v3.7 M8 5v.1",
};

// The state markers of operations bots as [drawing, colour]; other emoji use the font.
const SIGNS = {
  large_green_circle: ["disc", "good"], green_circle: ["disc", "good"], large_yellow_circle: ["disc", "warn"],
  large_orange_circle: ["disc", "warn"], red_circle: ["disc", "bad"], large_blue_circle: ["disc", "link"],
  white_circle: ["ring", "quiet"], white_check_mark: ["check", "good"], heavy_check_mark: ["check", "good"],
  x: ["cross", "bad"], no_entry: ["stop", "bad"], no_entry_sign: ["stop", "bad"], warning: ["caution", "warn"],
  hourglass: ["hourglass", "quiet"], hourglass_flowing_sand: ["hourglass", "quiet"], lock: ["lock", "quiet"],
  information_source: ["about", "link"], eyes: ["eye", "quiet"],
};

const drawn = (name, properties) => h("svg", { viewBox: "0 0 16 16", ...properties }, h("path", { d: PATHS[name] }));

export const icon = (name) => drawn(name, { class: "icon", "aria-hidden": "true" });

export function sign(name) {
  if (!Object.hasOwn(SIGNS, name)) return null;
  const [drawing, colour] = SIGNS[name];
  return drawn(drawing, { class: `icon sign ${colour} ${drawing}`, role: "img", "aria-label": name.replaceAll("_", " ") });
}
