/* The page "Fill and continue": words for masks, and text that comes word by word. */

import { ask, stream } from "./api.js";
import { bars } from "./bars.js";
import { Board, examples, whileTyping } from "./board.js";
import { byId, el, say } from "./dom.js";

const WRITTEN_MASK = /\[mask\]|<mask>/i;

const gap = byId("gap");
const filling = new Board(document.querySelector("[data-needs='fill-mask']"), fill);

function fill() {
  if (!WRITTEN_MASK.test(gap.value)) return filling.hint("Write [MASK] where a word is to be guessed.");
  return filling.ask(async (model, signal) => {
    const { masks } = await ask("/fill-mask", { model: model.id, text: gap.value, top_k: 5 }, signal);
    return masks.flatMap((guesses, number) => [
      masks.length > 1 ? el("p", { class: "drawn-label" }, `gap ${number + 1}`) : "",
      bars(guesses.map(({ token, probability }) => [token, probability])),
    ]);
  });
}

byId("insert").addEventListener("click", () => {
  gap.setRangeText("[MASK]", gap.selectionStart, gap.selectionEnd, "end");
  gap.focus();
  fill();
});
whileTyping([gap], fill);
examples(byId("gaps"), [gap], fill);
filling.open();

const prompt = byId("prompt");
const [begin, halt] = [byId("begin"), byId("halt")];
const going = new Board(document.querySelector("[data-needs='generate']"), () => {
  stopped();
  going.hint("Press Continue.");
});

function settings() {
  const number = (id) => byId(id).valueAsNumber;
  return { tokens: number("tokens"), temperature: number("temperature"), top_p: number("top-p"), seed: number("seed") };
}

async function go() {
  begin.disabled = true;
  halt.disabled = false;
  await going.ask(async (model, signal) => {
    const text = prompt.value;
    const more = el("span", {});
    const end = el("p", { class: "readout" });
    const whole = el("p", { class: "continuation running" }, el("span", { class: "prompt" }, text), more);
    const panel = going.kept.get(model.id);
    panel.answer.replaceChildren(whole, end);
    const began = performance.now();
    let failed = null;
    signal.addEventListener("abort", () => {
      whole.classList.remove("running");
      end.textContent = "stopped";
    });
    await stream("/generate", { model: model.id, text, ...settings() }, signal, {
      piece: (piece) => more.append(piece.text),
      error: (told) => { failed = told; },
      end: ({ reason, tokens }) => {
        const seconds = (performance.now() - began) / 1000;
        end.textContent = tokens === null ? `${reason} reached after ${seconds.toFixed(1)} s`
          : `${tokens} tokens in ${seconds.toFixed(1)} s`;
      },
    });
    whole.classList.remove("running");
    return [whole, failed ? el("p", { class: "problem" }, failed.detail ?? failed.title, " ", failed.fix ?? "") : end];
  });
  stopped();
}

function stopped() {
  begin.disabled = !going.capable.length;
  halt.disabled = true;
}

byId("go").addEventListener("submit", (event) => {
  event.preventDefault();
  go();
});
halt.addEventListener("click", () => {
  going.stop();
  for (const panel of going.shown) panel.node.removeAttribute("aria-busy");
  stopped();
  begin.focus();
  say("Stopped.");
});
examples(byId("prompts"), [prompt], go);
going.open().then(stopped);
