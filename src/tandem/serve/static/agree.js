/* The page "Agree?": what two sentences have to do with each other, and which of their words say so. */

import { ask } from "./api.js";
import { bars, likeliest } from "./bars.js";
import { Board, examples, notes, whileTyping } from "./board.js";
import { byId, el } from "./dom.js";
import { highestOf, key, map } from "./map.js";
import { influence, shadesMean, strongest } from "./words.js";

// Below this nothing is told, and noise should not look as if it were.
const LEAST_TOGETHER = 0.05;

const [premise, hypothesis] = [byId("premise"), byId("hypothesis")];
const board = new Board(document.querySelector("[data-needs='nli']"), answer);
// The maps come after the classes: until then the last one stays.
const pictures = new Map();

/** Premise words in rows and hypothesis words in columns: how far two words decide together what neither does alone. */
function together({ tokens, second_tokens: others, matrix }) {
  if (!tokens.length || !others.length) return [];
  const highest = Math.max(LEAST_TOGETHER, highestOf(matrix));
  const picture = map(matrix, { rows: tokens, columns: others, highest, verb: "with", name: "Word of the premise with word of the hypothesis" });
  return [picture.node, key(highest, "of the probability of the class", { both: true }),
    el("p", { class: "key" }, "how much more a word of the premise (row) counts for the class because a word of the hypothesis (column) is there; 0: each counts as much without the other")];
}

function answer() {
  const body = { premise: premise.value, hypothesis: hypothesis.value };
  if (!body.premise.trim() || !body.hypothesis.trim()) return board.hint("Write two sentences.");
  return board.ask(async (model, signal, draw) => {
    const found = await ask("/nli", { model: model.id, ...body, words: true }, signal);
    const pairs = found.labels.map(({ label, probability }) => [label, probability]);
    const highest = strongest([...found.premise_words, ...found.hypothesis_words]);
    if (!pictures.has(model.id)) pictures.set(model.id, el("div", { class: "together" }));
    const place = pictures.get(model.id);
    draw(
      bars(pairs), ...notes(found),
      el("p", { class: "verdict" }, el("span", { class: "muted" }, "cosine of the two"), el("span", {}, found.cosine.toFixed(3))),
      el("p", { class: "drawn-label" }, "Words that decide it"),
      influence(body.premise, found.premise_words, highest), influence(body.hypothesis, found.hypothesis_words, highest), shadesMean(),
      el("p", { class: "drawn-label" }, "Words that decide it together"), place,
    );
    try {
      const drawn = together(await ask("/influence", { model: model.id, text: body.premise, second: body.hypothesis }, signal));
      if (!signal.aborted) place.replaceChildren(...drawn);
    } catch (error) {
      if (signal.aborted) throw error;
      // The classes stand without it.
      place.replaceChildren(el("p", { class: "empty" }, `${error.message} ${error.fix ?? ""}`));
    }
    return `${likeliest(pairs)}, cosine ${found.cosine.toFixed(2)}`;
  });
}

byId("swap").addEventListener("click", () => {
  [premise.value, hypothesis.value] = [hypothesis.value, premise.value];
  answer();
});
whileTyping([premise, hypothesis], answer);
examples(byId("pairs"), [premise, hypothesis], answer);
board.open();
