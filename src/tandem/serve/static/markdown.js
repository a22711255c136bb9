/* As much of Markdown as the cards and reports of runs are written in. All of it becomes text in elements. */

import { el } from "./dom.js";

const inline = (text) => text.split(/(`[^`]+`)/).map((part) => (/^`.+`$/.test(part) ? el("code", {}, part.slice(1, -1)) : part));

function table(lines) {
  const cells = (line) => line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const [head, , ...rows] = lines.map(cells);
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table" }, el("table", {},
    el("thead", {}, el("tr", {}, ...head.map((cell) => el("th", { scope: "col" }, ...inline(cell))))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, ...inline(cell))))))));
}

const code = (lines) => el("pre", { tabindex: 0 }, lines.map((line) => line.replace(/^ {4}|^\t/, "")).join("\n"));

/** The kinds of a block, by what its lines begin with; the page's own headings are h1 and h2. */
const KINDS = [
  [/^\|/, table],
  [/^ {4}|^\t/, code],
  [/^#/, (lines) => el("div", {}, ...lines.map((line) => el("h3", {}, ...inline(line.replace(/^#+ */, "")))))],
  [/^[-*] /, (lines) => el("ul", {}, ...lines.map((line) => el("li", {}, ...inline(line.slice(2)))))],
  // The page draws curves and classes itself.
  [/^!\[/, (lines) => el("p", { class: "muted" }, `In the folder: ${lines.map((line) => line.replace(/^!\[(.*)\]\((.*)\)$/, "$1, $2")).join("; ")}`)],
];

/** The elements of a text. Lines of one kind that stand together are a block; an empty line within code belongs to it. */
export function markdown(text) {
  const blocks = [];
  for (const line of text.split(/\r?\n/)) {
    const kind = KINDS.find(([begins]) => begins.test(line))?.[1] ?? null;
    const [before, last] = [blocks.at(-2), blocks.at(-1)];
    if (!line.trim()) blocks.push({ kind: null, lines: [] });
    else if (last?.lines.length && last.kind === kind) last.lines.push(line);
    else if (kind === code && before?.kind === code) before.lines.push("", line);
    else blocks.push({ kind, lines: [line] });
  }
  return blocks.filter(({ lines }) => lines.length).map(({ kind, lines }) => (kind ? kind(lines) : el("p", {}, ...inline(lines.join(" ")))));
}
