/* The page "Agree?": what two sentences have to do with each other, and which of their words say so. */

import { ask } from "./api.js";
import { bars } from "./bars.js";
import { Board, examples, whileTyping } from "./board.js";
import { byId, el } from "./dom.js";
import { influence, strongest } from "./words.js";

const [premise, hypothesis] = [byId("premise"), byId("hypothesis")];
const board = new Board(document.querySelector("[data-needs='nli']"), answer);

function answer() {
  const body = { premise: premise.value, hypothesis: hypothesis.value };
  if (!body.premise.trim() || !body.hypothesis.trim()) return board.hint("Write two sentences.");
  return board.ask(async (model, signal) => {
    const found = await ask("/nli", { model: model.id, ...body, words: true }, signal);
    const words = [...found.premise_words, ...found.hypothesis_words];
    const most = Math.max(0, ...words.map((word) => Math.abs(word.influence)));
    return [
      bars(found.labels.map(({ label, probability }) => [label, probability])),
      el("p", { class: "verdict" }, el("span", { class: "muted" }, "cosine of the two"), el("span", {}, found.cosine.toFixed(3))),
      el("p", { class: "drawn-label" }, "Words that decide it"),
      influence(body.premise, found.premise_words, most), influence(body.hypothesis, found.hypothesis_words, most),
      strongest(words),
    ];
  });
}

byId("swap").addEventListener("click", () => {
  [premise.value, hypothesis.value] = [hypothesis.value, premise.value];
  answer();
});
whileTyping([premise, hypothesis], answer);
examples(byId("pairs"), [premise, hypothesis], answer);
board.open();
