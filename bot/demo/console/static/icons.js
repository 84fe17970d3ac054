// The few drawn signs: an emoji font is not on every machine.

const NS = "http://www.w3.org/2000/svg";

const PATHS = {
  eye: "M1.5 8s2.4-4.5 6.5-4.5S14.5 8 14.5 8 12.1 12.5 8 12.5 1.5 8 1.5 8Z M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  lock: "M4 7.5h8v6H4Z M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  mail: "M2 4h12v8.5H2Z M2 4.5l6 4.5 6-4.5",
  hash: "M6.5 2.5l-1.5 11 M11 2.5l-1.5 11 M2.8 5.8h10.9 M2.3 10.2h10.9",
  half: "M8 2a6 6 0 1 0 0 12Z M8 2a6 6 0 1 1 0 12",
};

export function icon(name) {
  const drawing = document.createElementNS(NS, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}

// The state markers that operations bots live by, as [drawing, colour]; other emoji are left to the font.
const SIGNS = {
  large_green_circle: ["disc", "good"], green_circle: ["disc", "good"], large_yellow_circle: ["disc", "warn"],
  large_orange_circle: ["disc", "warn"], red_circle: ["disc", "bad"], large_blue_circle: ["disc", "link"],
  white_circle: ["ring", "quiet"], white_check_mark: ["check", "good"], heavy_check_mark: ["check", "good"],
  x: ["cross", "bad"], no_entry: ["stop", "bad"], no_entry_sign: ["stop", "bad"], warning: ["caution", "warn"],
  hourglass: ["hourglass", "quiet"], hourglass_flowing_sand: ["hourglass", "quiet"], lock: ["lock", "quiet"],
  information_source: ["about", "link"], eyes: ["eye", "quiet"],
};

Object.assign(PATHS, {
  disc: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  ring: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  check: "M2.5 8.500l3.7 3.7L13.5 4",
  cross: "M3.5 3.5l9 9 M12.5 3.5l-9 9",
  stop: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z M4.5 8h7",
  caution: "M8 2.2L14.5 13.5h-13Z M8 6.5v3.3 M8 11.6v.1",
  hourglass: "M4 2h8 M4 14h8 M4.8 2c0 3.5 3.2 4 3.2 6s-3.2 2.5-3.2 6 M11.2 2c0 3.5-3.2 4-3.2 6s3.2 2.5 3.2 6",
  about: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z M8 7.3v3.7 M8 5v.1",
});

export function sign(name) {
  if (!(name in SIGNS)) return null;
  const [drawing, colour] = SIGNS[name];
  const drawn = icon(drawing);
  drawn.classList.add("sign", colour, drawing);
  drawn.removeAttribute("aria-hidden");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", name.replaceAll("_", " "));
  return drawn;
}
