// Makes elements. Text only ever becomes text: nothing on this page is parsed as HTML.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

export function avatar(person, { small = false } = {}) {
  const tone = [...person.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  const shape = h("span", { class: `avatar tone-${tone}${small ? " small" : ""}`, "aria-hidden": "true" });
  if (person.bot) shape.append(h("img", { src: "static/icon.svg", alt: "" }));
  else shape.append(initials(person.real_name));
  return shape;
}
