/* The page "Runs": the learning curves of all runs, and what they cost and score; live while one trains. */

import { get } from "./api.js";
import { problem } from "./board.js";
import { Curves } from "./curves.js";
import { byId, compact, el, say, svg } from "./dom.js";

const WHILE_TRAINING = 2000;
const WHILE_QUIET = 15000;
const FORMATS = { parameters: compact, flops_per_token: compact };
const SCORES = ["loss", "accuracy"];

let runs = [];
let sorted = ["id", 1];
let marked = null;
let timer;
const table = byId("table");
const figure = byId("curves");
const curves = new Curves(figure, { x: "tokens read", readout: byId("readout") });
const measure = () => document.querySelector("[name='measure']:checked").value;

const DASHES = ["", "6 3", "2 3", "9 3 2 3"];
const hue = (number) => `hue${number % 8}`;
const dash = (number) => DASHES[Math.floor(number / 2) % DASHES.length];

function drawCurves() {
  const y = measure();
  const series = runs.map((run, number) => ({
    name: run.id, hue: hue(number), dash: dash(number), on: run.id === marked, faint: marked !== null && run.id !== marked,
    points: run.curve.filter((point) => Number.isFinite(point[y])).map((point) => [point.tokens, point[y]]),
  }));
  curves.draw(series, { y: `validation ${y}`, from: y === "accuracy" ? 0 : undefined });
}

const COLUMNS = [
  ["id", "Run"], ["encoder", "Encoder"], ["task", "Task"], ["state", "State"], ["parameters", "Parameters"],
  ["flops_per_token", "FLOPs a token"], ...SCORES.map((name) => [name, name]),
];

function value(run, key) {
  if (key === "state") return run.finished ? "finished" : "training";
  if (SCORES.includes(key)) return run.scores?.[key] ?? run.curve.at(-1)?.[key] ?? null;
  return run[key];
}

function cell(run, key, number) {
  const found = value(run, key);
  if (key === "id") {
    const swatch = svg("svg", { class: "swatch", width: 26, height: 8, "aria-hidden": "true" },
      svg("line", { class: `curve ${hue(number)}`, x1: 0, x2: 26, y1: 4, y2: 4, "stroke-dasharray": dash(number) }));
    return el("td", {}, swatch, el("a", { href: `#${encodeURIComponent(run.id)}` }, run.id));
  }
  if (key === "state") return el("td", {}, el("span", { class: `state ${found}` }, found));
  if (typeof found === "number" || found === null) {
    const shown = found === null ? "–" : FORMATS[key]?.(found) ?? found.toFixed(3);
    return el("td", { class: "number" }, shown);
  }
  return el("td", {}, key === "encoder" ? el("code", {}, found) : String(found));
}

function drawTable() {
  const [by, way] = sorted;
  const order = runs.map((run, number) => [run, number]).sort(([one], [other]) => {
    const [a, b] = [value(one, by), value(other, by)];
    if (a === null || b === null) return (a === null) - (b === null);
    return way * (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
  });
  const heads = COLUMNS.map(([key, name]) => {
    const sort = key === by ? { "aria-sort": way === 1 ? "ascending" : "descending" } : {};
    const arrow = key === by ? (way === 1 ? " ↑" : " ↓") : "";
    const press = () => {
      sorted = [key, key === by ? -way : 1];
      drawTable();
      table.querySelector(`[data-key="${key}"]`).focus();
    };
    const numeric = SCORES.includes(key) || key in FORMATS;
    return el("th", { scope: "col", class: numeric ? "number" : "", ...sort },
      el("button", { type: "button", "data-key": key, onclick: press }, name + arrow));
  });
  const rows = order.map(([run, number]) => el("tr", {
    onpointerenter: () => mark(run.id), onpointerleave: () => mark(null), onfocusin: () => mark(run.id), onfocusout: () => mark(null),
  }, ...COLUMNS.map(([key]) => cell(run, key, number))));
  table.replaceChildren(el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/** Everything about the run that the address names: all its scores, and what shows more. */
function drawReport() {
  const run = runs.find((one) => `#${encodeURIComponent(one.id)}` === location.hash);
  const report = byId("report");
  report.hidden = !run;
  if (!run) return;
  const last = run.curve.at(-1);
  const facts = [
    ["Encoder", run.encoder], ["Task", run.task], ["Parameters", run.parameters?.toLocaleString("en") ?? "–"],
    ["FLOPs a token", run.flops_per_token?.toLocaleString("en") ?? "–"], ["Tokens read", last?.tokens.toLocaleString("en") ?? "none yet"],
    ...Object.entries(run.scores ?? {}).map(([name, score]) => [name, typeof score === "number" ? score.toPrecision(4) : String(score)]),
  ];
  report.replaceChildren(el("h2", {}, run.id),
    el("dl", { class: "facts" }, ...facts.flatMap(([name, fact]) => [el("dt", {}, name), el("dd", {}, fact)])),
    el("p", { class: "muted small" }, "The whole report, with baselines: ", el("code", {}, `tandem report runs/${run.id}`)));
}

function mark(id) {
  marked = id;
  drawCurves();
}

async function refresh() {
  clearTimeout(timer);
  try {
    const answer = (await get("/runs")).runs;
    const news = JSON.stringify(answer) !== JSON.stringify(runs);
    runs = answer;
    byId("trouble").replaceChildren();
    byId("none").hidden = runs.length > 0;
    byId("some").hidden = !runs.length;
    if (news) {
      drawCurves();
      drawReport();
      // Rows that are replaced under the focus would lose it.
      if (!table.contains(document.activeElement)) drawTable();
    }
    const training = runs.filter((run) => !run.finished).length;
    say(`${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${training} training.`);
    timer = setTimeout(refresh, training ? WHILE_TRAINING : WHILE_QUIET);
  } catch (error) {
    byId("trouble").replaceChildren(problem(error, refresh));
    timer = setTimeout(refresh, WHILE_QUIET);
  }
}

for (const choice of document.querySelectorAll("[name='measure']")) choice.addEventListener("change", drawCurves);
addEventListener("hashchange", drawReport);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
refresh();
