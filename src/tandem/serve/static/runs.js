/* The page "Runs": the learning curves of all runs, and what they cost and score; live while one trains. */

import { get } from "./api.js";
import { Curves, style, swatch } from "./curves.js";
import { byId, compact, el, say } from "./dom.js";
import { problem } from "./problem.js";

const WHILE_TRAINING = 2000;
const MEASURES = ["loss", "accuracy"];
// Of a baseline, or no score.
const NO_SCORE = /^baseline|^count$/;
const FORMATS = { parameters: compact, flops_per_token: compact };

let runs = [];
let sorted = ["id", 1];
let marked = null;
let timer;
let heard = "";
const table = byId("table");
const curves = new Curves(byId("curves"), { x: "tokens read", readout: byId("readout") });

const state = (run) => run.state ?? (run.finished ? "finished" : "training");
/** Only losses of one unit, and answers to one task, belong on one axis. */
const group = (run) => `${run.task}: ${run.unit}`;
const chosen = (name) => document.querySelector(`[name='${name}']:checked`)?.value;

/** Buttons of which one is pressed; what was chosen stays chosen, and where nothing is new, nothing loses the focus. */
function choices(place, name, values) {
  if (place.dataset.values === JSON.stringify(values)) return;
  place.dataset.values = JSON.stringify(values);
  const now = values.includes(chosen(name)) ? chosen(name) : values[0];
  place.hidden = values.length < 2;
  place.replaceChildren(place.firstElementChild, ...values.map((value) => el("label", { class: "choice" },
    el("input", { type: "radio", name, value, checked: value === now, onchange: drawCurves }), el("span", {}, value))));
}

function drawCurves() {
  const [y, drawn] = [chosen("measure"), chosen("group")];
  const series = runs.map((run, number) => ({ run, number })).filter(({ run }) => group(run) === drawn).map(({ run, number }) => ({
    name: run.id, ...style(number), on: run.id === marked, faint: marked !== null && run.id !== marked,
    points: run.curve.filter((point) => Number.isFinite(point[y])).map((point) => [point.tokens, point[y]]),
  }));
  const unit = y === "loss" ? ` (${runs.find((run) => group(run) === drawn)?.unit})` : "";
  curves.draw(series, { y: `validation ${y}${unit}`, from: y === "accuracy" ? 0 : undefined });
}

const scoreNames = () => [...new Set([...MEASURES, ...runs.flatMap((run) => Object.keys(run.scores))])].filter((name) => !NO_SCORE.test(name));

const columns = () => [
  ["id", "Run"], ["encoder", "Encoder"], ["task", "Task"], ["state", "State"], ["parameters", "Parameters"],
  ["flops_per_token", "FLOPs a token"], ...scoreNames().map((name) => [`score ${name}`, name]),
];

function value(run, key) {
  if (key === "state") return state(run);
  if (!key.startsWith("score ")) return run[key];
  const name = key.slice("score ".length);
  return run.scores[name] ?? run.curve.at(-1)?.[name] ?? null;
}

function cell(run, key, number) {
  const found = value(run, key);
  if (key === "id") return el("td", {}, swatch(number), el("a", { href: `/report?run=${encodeURIComponent(run.id)}`, "data-stop": run.id }, run.id));
  if (key === "state") return el("td", {}, el("span", { class: `state ${found}` }, found));
  if (typeof found === "number" || found === null) {
    const shown = found === null ? "–" : FORMATS[key]?.(found) ?? found.toFixed(3);
    const other = key.startsWith("score ") && found !== null && run.split !== "test";
    return el("td", { class: "number" }, shown, other ? el("small", {}, " v") : null);
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
  const heads = columns().map(([key, name]) => {
    const sort = key === by ? { "aria-sort": way === 1 ? "ascending" : "descending" } : {};
    const arrow = key === by ? (way === 1 ? " ↑" : " ↓") : "";
    const press = () => {
      sorted = [key, key === by ? -way : 1];
      drawTable();
    };
    const numeric = key.startsWith("score ") || key in FORMATS;
    return el("th", { scope: "col", class: numeric ? "number" : "", ...sort },
      el("button", { type: "button", "data-stop": key, onclick: press }, name + arrow));
  });
  const rows = order.map(([run, number]) => el("tr", {
    onpointerenter: () => mark(run.id), onpointerleave: () => mark(null), onfocusin: () => mark(run.id), onfocusout: () => mark(null),
  }, ...columns().map(([key]) => cell(run, key, number))));
  // What has the focus is made anew, and gets it back.
  const stop = table.contains(document.activeElement) ? document.activeElement.dataset.stop : null;
  table.replaceChildren(el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
  if (stop) [...table.querySelectorAll("[data-stop]")].find((one) => one.dataset.stop === stop)?.focus();
}

function mark(id) {
  if (id === marked) return;
  marked = id;
  drawCurves();
}

/** Tells eyes, and, where it is news, screen readers how many there are of each state. */
function tell() {
  const counts = Map.groupBy(runs, state);
  const told = `${runs.length} ${runs.length === 1 ? "run" : "runs"}: ${[...counts].map(([name, some]) => `${some.length} ${name}`).join(", ")}`;
  say(told);
  if (told !== heard) byId("news").textContent = heard = told;
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
      choices(byId("groups"), "group", [...new Set(runs.map(group))]);
      drawCurves();
      drawTable();
    }
    tell();
    clearTimeout(timer);
    // Where nothing trains nothing changes; whoever comes back to the page sees it anew.
    if (!document.hidden && runs.some((run) => state(run) === "training")) timer = setTimeout(refresh, WHILE_TRAINING);
  } catch (error) {
    byId("trouble").replaceChildren(problem(error, refresh));
    byId("news").textContent = heard = `The runs cannot be read. ${error.message}`;
  }
}

choices(byId("measures"), "measure", MEASURES);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
refresh();
