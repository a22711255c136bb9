/* The answers of several models side by side: who is asked, who is busy, what came, what went wrong. */

import { keepToken, models, Problem } from "./api.js";
import { compact, el, say } from "./dom.js";

const SHOWN_AT_FIRST = 3;

/** What went wrong and what to do about it. */
export function problem(error, again) {
  if (error.status === 401) return tokenForm(error);
  if (!(error instanceof Problem)) console.error(error);
  const wait = error.retryAfter ? ` In ${error.retryAfter} s there may be room again.` : "";
  return el("div", { class: "problem", role: "alert" },
    el("p", {}, el("strong", {}, `${error.title ?? "Error"}. `), error.message),
    error.fix || wait ? el("p", { class: "muted" }, `${error.fix ?? ""}${wait}`) : null,
    again ? el("button", { type: "button", onclick: again }, "Ask again") : null);
}

function tokenForm(error) {
  const token = el("input", { type: "password", id: "token", required: true, autocomplete: "off" });
  const keep = (event) => {
    event.preventDefault();
    keepToken(token.value.trim());
    location.reload();
  };
  return el("form", { class: "problem", onsubmit: keep },
    el("p", {}, el("strong", {}, `${error.title}. `), "This server is open to those who have the token that it was started with."),
    el("label", { for: "token" }, "Token"), token, el("button", { class: "main" }, "Enter"));
}

class Panel {
  constructor(model, rows) {
    this.model = model;
    this.answer = el("div", { class: `answer ${rows}` }, ...[1, 2, 3].map(() => el("div", { class: "ghost" })));
    this.node = el("article", { class: "panel", "aria-label": model.id },
      el("header", {}, el("h3", {}, model.id),
        el("p", {}, `${model.encoder} · ${compact(model.parameters)} parameters`)),
      this.answer);
  }

  /** Shows the nodes that `work(model, signal)` promises; what stood there stays, dimmed, until they come. */
  async fill(work, signal, again) {
    this.node.setAttribute("aria-busy", "true");
    try {
      const drawn = await work(this.model, signal);
      if (!signal.aborted) this.show(drawn);
      return !signal.aborted;
    } catch (error) {
      if (!signal.aborted) this.show(problem(error, again));
      return false;
    } finally {
      if (!signal.aborted) this.node.removeAttribute("aria-busy");
    }
  }

  show(...nodes) {
    this.node.removeAttribute("aria-busy");
    this.answer.replaceChildren(...nodes.flat());
  }
}

/** The board in `place`: `ask(work)` asks every model shown; `changed` is called when another choice is made. */
export class Board {
  constructor(place, changed) {
    Object.assign(this, { place, changed, shown: [], capable: [], rows: place.dataset.rows });
    [this.chooser, this.panels, this.absent] = [...place.children];
  }

  async open() {
    try {
      this.capable = (await models()).filter((model) => model.can.includes(this.place.dataset.needs));
    } catch (error) {
      this.panels.replaceChildren(el("div", { class: "panel" }, problem(error, () => this.open())));
      return;
    } finally {
      this.panels.removeAttribute("aria-busy");
    }
    this.absent.hidden = this.capable.length > 0;
    this.chooser.hidden = this.panels.hidden = !this.capable.length;
    this.kept = new Map(this.capable.map((model) => [model.id, new Panel(model, this.rows)]));
    this.chooser.replaceChildren(this.chooser.firstElementChild, ...this.capable.map((model, number) => {
      const box = el("input", { type: "checkbox", value: model.id, checked: number < SHOWN_AT_FIRST, onchange: () => this.choose() });
      return el("label", { class: "choice" }, box, el("span", {}, model.id));
    }));
    this.choose();
  }

  choose() {
    const boxes = [...this.chooser.querySelectorAll("input")];
    const on = boxes.filter((box) => box.checked);
    // The last one stays: a board without a model would answer nothing.
    for (const box of boxes) box.disabled = on.length === 1 && box.checked;
    this.shown = on.map((box) => this.kept.get(box.value));
    this.panels.replaceChildren(...this.shown.map((panel) => panel.node));
    this.changed();
  }

  /** Asks all that are shown at the same time; an earlier question that still runs is called off. */
  async ask(work) {
    this.stop();
    const { signal } = (this.running = new AbortController());
    const before = performance.now();
    const again = () => this.ask(work);
    const done = await Promise.all(this.shown.map((panel) => panel.fill(work, signal, again)));
    if (signal.aborted || !done.length) return;
    const answered = done.filter(Boolean).length;
    say(`${answered} of ${done.length} ${done.length === 1 ? "model" : "models"} answered in ${Math.round(performance.now() - before)} ms.`);
  }

  /** Empties every panel but for a hint. */
  hint(text) {
    this.stop();
    for (const panel of this.shown) panel.show(el("p", { class: "empty" }, text));
  }

  stop() {
    this.running?.abort();
  }
}

/** Calls `answer` a moment after the last change of one of the fields. */
export function whileTyping(fields, answer, wait = 250) {
  let timer;
  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(answer, wait);
    });
  }
}

/** A click on an example writes it into its fields. */
export function examples(place, fields, answer) {
  place.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-text]");
    if (!chip) return;
    chip.dataset.text.split(" || ").forEach((text, number) => { fields[number].value = text; });
    answer();
  });
}
