/* The JSON API: questions that can be called off, streams, and problems that say how to fix them. */

/** An answer that is no answer; `fix` says what to do, `retryAfter` in how many seconds to ask again. */
export class Problem extends Error {
  constructor({ title, detail, fix, status, retryAfter }) {
    super(detail || title || "the server gave no reason");
    Object.assign(this, { title: title || "Error", fix: fix || "", status: status || 0, retryAfter: retryAfter || 0 });
  }
}

async function sent(path, options) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "No answer", detail: "The server does not answer.", fix: "Is `tandem serve` still running?" });
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  const given = typeof told === "object" && told ? told : {};
  const detail = typeof given.detail === "string" ? given.detail : `The server answered ${response.status}.`;
  throw new Problem({ ...given, detail, status: response.status, retryAfter: Number(response.headers.get("Retry-After")) });
}

const TOKEN = "tandem-token";

/** Keeps the token of a server that asks for one, until the tab is closed. */
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);

function headers(more = {}) {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

const posted = (body, signal) => ({
  method: "POST", headers: headers({ "Content-Type": "application/json" }), body: JSON.stringify(body), signal,
});

export const get = async (path) => (await sent(path, { headers: headers() })).json();

export const ask = async (path, body, signal) => (await sent(path, posted(body, signal))).json();

const CUT_OFF = { title: "Cut off", detail: "The connection has ended in the middle.", fix: "Is `tandem serve` still running?" };

/** The server-sent events of an answer, as [name, data]. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw error.name === "AbortError" ? error : new Problem(CUT_OFF);
    });
    if (done) return;
    const parts = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const field = (name) => part.split("\n").filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
      if (field("data")) yield [field("event"), JSON.parse(field("data"))];
    }
  }
}

/** Calls `piece` for each piece of a text, and returns what the event at its end says; without one nothing has ended. */
export async function stream(path, body, signal, piece) {
  for await (const [name, data] of events(await sent(path, posted(body, signal)))) {
    if (name === "piece") piece(data.text);
    if (name === "error") throw new Problem(data);
    if (name === "end") return data;
  }
  throw new Problem(CUT_OFF);
}

let known;
/** The models served; asked for once. */
export function models() {
  known ??= get("/models").then((answer) => answer.models).catch((error) => { known = undefined; throw error; });
  return known;
}
