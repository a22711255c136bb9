/* The page of one run: its numbers, its curves, which class it takes for which, and what its own files say. */

import { get } from "./api.js";
import { Curves, style } from "./curves.js";
import { byId, el } from "./dom.js";
import { key, map } from "./map.js";
import { markdown } from "./markdown.js";
import { problem } from "./problem.js";

const place = byId("report");
const id = new URLSearchParams(location.search).get("run") ?? "";

function facts(run) {
  const last = run.curve.at(-1);
  const where = run.split ? ` (${run.split})` : "";
  return el("dl", { class: "facts" }, ...[
    ["Encoder", run.encoder], ["Task", run.task], ["Parameters", run.parameters?.toLocaleString("en") ?? "–"],
    ["FLOPs a token", run.flops_per_token?.toLocaleString("en") ?? "–"], ["Tokens read", last?.tokens.toLocaleString("en") ?? "none yet"],
    ["Unit of the loss", run.unit],
    ...Object.entries(run.scores).map(([name, score]) => [`${name}${where}`, String(+score.toPrecision(4))]),
  ].flatMap(([name, fact]) => [el("dt", {}, name), el("dd", {}, fact)]));
}

const panel = (title, ...nodes) => el("section", { "aria-label": title }, el("h2", {}, title), el("div", { class: "panel" }, ...nodes));

function curve(run, y, number) {
  const [figure, readout] = [el("div", { class: "figure low" }), el("p", { class: "readout" })];
  const points = run.curve.filter((point) => Number.isFinite(point[y])).map((point) => [point.tokens, point[y]]);
  new Curves(figure, { x: "tokens read", readout, height: 220 }).draw([{ name: y, ...style(number), points }], { y: `validation ${y}` });
  return el("div", {}, figure, readout);
}

/** Each row as shares of its true class, which is what makes classes of unequal size comparable. */
function confusion({ split, labels, counts }) {
  const shares = counts.map((row) => row.map((count) => count / Math.max(1, row.reduce((sum, one) => sum + one, 0))));
  return panel(`Classes (${split})`,
    map(shares, { rows: labels, columns: labels, highest: 1, verb: "is taken for", name: `True classes and what they are taken for, ${split}` }).node,
    key(1, "of the true class (row) that is taken for the class (column)"));
}

async function show() {
  try {
    const { run, documents, confusions } = await get(`/report?run=${encodeURIComponent(id)}`);
    document.title = `${run.id} · Tandem`;
    const curves = run.curve.length ? [panel("Learning curves", curve(run, "loss", 0), curve(run, "accuracy", 1))] : [];
    place.replaceChildren(panel(run.id, facts(run)), ...curves, ...confusions.map(confusion),
      ...documents.map(({ title, text }) => panel(title, ...markdown(text))));
    if (!documents.length) place.append(el("p", { class: "empty" }, "There is no card in the folder of this run: tandem train writes one when the run has finished."));
  } catch (error) {
    place.replaceChildren(el("div", { class: "panel" }, problem(error, show)));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

show();
