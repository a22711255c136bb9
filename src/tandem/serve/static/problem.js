/* What went wrong and what to do about it, and the token that a server may ask for. */

import { get, keepToken, Problem } from "./api.js";
import { byId, el } from "./dom.js";

// What a header can carry.
const SENDABLE = /^[\x20-\x7e]+$/;

/** What an error says; `again` is called to ask once more, which happens by itself in `wait` seconds if there are any. */
export function problem(error, again, wait = 0) {
  if (error.status === 401) return wantsToken(error);
  if (!(error instanceof Problem)) console.error(error);
  const later = wait ? `In ${wait} s it is asked again.` : "";
  return el("div", { class: "problem" },
    el("p", {}, el("strong", {}, `${error.title ?? "Error"}. `), error.message),
    error.fix || later ? el("p", { class: "muted" }, [error.fix, later].filter(Boolean).join(". ")) : null,
    again && !wait ? el("button", { type: "button", onclick: again }, "Ask again") : null);
}

/** However many want the token, one form at the head of the page asks for it. */
function wantsToken(error) {
  const place = byId("access");
  if (!place.hasChildNodes()) place.append(tokenForm());
  return el("p", { class: "problem" }, el("strong", {}, `${error.title}. `), el("a", { href: "#token" }, "Enter the token of this server"));
}

function tokenForm() {
  const token = el("input", { type: "password", id: "token", required: true, autocomplete: "off" });
  const said = el("p", { role: "alert" });
  const enter = async (event) => {
    event.preventDefault();
    const given = token.value.trim();
    try {
      if (!SENDABLE.test(given)) throw new Problem({ status: 401 });
      keepToken(given);
      await get("/models");
      location.reload();
    } catch (error) {
      said.textContent = error.status === 401 ? "The server was started with another token." : error.message;
      token.select();
    }
  };
  return el("form", { class: "panel", onsubmit: enter },
    el("p", {}, "This server is open to those who have the token that it was started with."),
    el("label", { for: "token" }, "Token"), el("div", { class: "settings" }, el("div", {}, token), el("button", { class: "main" }, "Enter")), said);
}
