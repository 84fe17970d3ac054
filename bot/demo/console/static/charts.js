// data_visualization as SVG: line, area, bar and pie, with the numbers as a table for screen readers.

import { h } from "preact";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [560, 240, 46, 30, 8];
const colour = (index) => `var(--series-${(index % 6) + 1})`;

// Of labels, in units of the picture: the width of a letter, and the gap between two labels.
const LETTER = 6.8;
const GAP = 10;

// Round numbers from below the lowest to above the highest value, with zero; counts have no fractions.
function roundMarks(low, high, isCounted) {
  const least = Math.max((high - low) / 4, isCounted ? 1 : 0);
  const size = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((times) => times * size).find((wide) => wide >= least * 0.999);
  const from = Math.floor(low / step);
  return Array.from({ length: Math.ceil(high / step) - from + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)));
}

function axes(marks, labels, x, y) {
  const lines = marks.flatMap((value) => [
    h("line", { class: value === 0 ? "axis nought" : "axis", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
    h("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toLocaleString("en")),
  ]);
  const widest = LETTER * Math.max(...labels.map((name) => name.length));
  const every = Math.ceil(((widest + GAP) * labels.length) / (WIDTH - LEFT));
  const within = (at) => Math.min(at, WIDTH - widest / 2);
  const names = labels.map((name, index) => (index % every ? null : h("text", { x: within(x(index)), y: HEIGHT - 10, "text-anchor": "middle" }, name)));
  return [...lines, ...names];
}

function plotted(chart) {
  const { series } = chart;
  const labels = series[0].data.map((point) => point.label);
  const values = series.flatMap((entry) => entry.data.map((point) => point.value));
  const [lowest, highest] = [Math.min(0, ...values), Math.max(0, ...values)];
  const marks = roundMarks(lowest, highest > lowest ? highest : 1, values.every(Number.isInteger));
  const [low, high] = [marks[0], marks.at(-1)];
  const step = (WIDTH - LEFT) / labels.length;
  const x = (index) => LEFT + step * (index + 0.5);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low));
  const draw = { bar: bars, line: lines, area: lines }[chart.type];
  const shapes = series.flatMap((entry, index) => draw({ chart, entry, index, x, y, step, labels }));
  return [...axes(marks, labels, x, y), ...shapes];
}

function bars({ chart, entry, index, x, y, step, labels }) {
  const width = Math.max(2, (step * 0.72) / chart.series.length);
  return labels.map((label, at) => {
    const value = entry.data.find((point) => point.label === label)?.value ?? 0;
    if (!value) return null;
    const left = x(at) - (width * chart.series.length) / 2 + width * index;
    const [top, foot] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
    return h("rect", { x: left, y: top, width: width - 1, height: Math.max(1, foot - top), rx: 2, fill: colour(index) });
  });
}

function lines({ chart, entry, index, x, y, labels }) {
  const points = labels.map((label, at) => `${x(at)},${y(entry.data.find((point) => point.label === label)?.value ?? 0)}`);
  const line = h("polyline", { points: points.join(" "), fill: "none", stroke: colour(index), "stroke-width": 2.2 });
  if (chart.type === "line") return [line];
  const ground = [`${x(0)},${y(0)}`, ...points, `${x(labels.length - 1)},${y(0)}`].join(" ");
  return [h("polygon", { points: ground, fill: colour(index), opacity: 0.22 }), line];
}

function slices(segments) {
  const total = segments.reduce((sum, segment) => sum + segment.value, 0);
  const at = (part) => [WIDTH / 2 + 100 * Math.sin(2 * Math.PI * part), HEIGHT / 2 - 100 * Math.cos(2 * Math.PI * part)];
  let done = 0;
  return segments.map((segment, index) => {
    const share = segment.value / total;
    if (share > 0.9999) return h("circle", { cx: WIDTH / 2, cy: HEIGHT / 2, r: 100, fill: colour(index) });
    const [from, to] = [at(done), at((done += share))];
    const path = `M${WIDTH / 2},${HEIGHT / 2} L${from} A100,100 0 ${share > 0.5 ? 1 : 0} 1 ${to} Z`;
    return h("path", { d: path, fill: colour(index), stroke: "var(--raised)" });
  });
}

function numbers(chart, title) {
  const series = chart.type === "pie" ? [{ name: title, data: chart.segments }] : chart.series;
  const row = (label) => h("tr", {}, h("th", { scope: "row" }, label), series.map((entry) => h("td", {}, String(entry.data.find((point) => point.label === label)?.value ?? ""))));
  const head = h("tr", {}, h("th", { scope: "col" }, "Label"), series.map((entry) => h("th", { scope: "col" }, entry.name)));
  return h("div", { class: "visually-hidden" }, h("table", {}, h("caption", {}, title), h("thead", {}, head), h("tbody", {}, series[0].data.map((point) => row(point.label)))));
}

export function renderChart(block) {
  const { chart } = block;
  const shapes = chart.type === "pie" ? slices(chart.segments) : plotted(chart);
  const named = chart.type === "pie" ? chart.segments.map((segment) => segment.label) : chart.series.map((entry) => entry.name);
  const legend = named.map((name, index) => {
    const mark = h("svg", { class: "mark", viewBox: "0 0 10 10", "aria-hidden": "true" }, h("rect", { width: 10, height: 10, rx: 3, fill: colour(index) }));
    return h("li", {}, mark, ` ${name}`);
  });
  return h(
    "figure", { class: "chart" },
    h("figcaption", {}, block.title),
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": block.title }, shapes),
    h("ul", { class: "legend" }, legend),
    numbers(chart, block.title),
  );
}
