// Answers to SPARQL queries: from the endpoint of the server a page comes from, or else computed in the browser,
// by a worker that is started for the first query and terminated to stop one.

import { file, settings, words } from "./page.js";
import { complaint } from "./syntax.js";

const ENDPOINT = /<([^>]*)>;\s*rel="http:\/\/rdfs\.org\/ns\/void#sparqlEndpoint"/u;
const ACCEPT = "application/sparql-results+json, text/turtle;q=0.9";

/** Thrown where the reader stopped the query. */
export class Stopped extends Error {}

let worker = null;
let endStopped = () => {};
let endpointUrl = null;

/** The URL of the endpoint in the header `Link` of this page; empty where there is none. */
export function endpoint() {
  endpointUrl ??= fetch(location.pathname, { method: "HEAD" })
    .then((reply) => ENDPOINT.exec(reply.headers.get("Link") ?? "")?.[1] ?? "")
    .catch(() => "");
  return endpointUrl;
}

/**
 * The answer: `{json}` for rows and for a yes or no, `{turtle}` for triples.
 * Throws a sentence for the reader, or `Stopped`. `step` is called with "loading" while data are fetched, then with "asking".
 */
export function ask(query, step = () => {}) {
  let isStopped = false;
  const stopped = new Promise((_, reject) => {
    endStopped = () => {
      isStopped = true;
      reject(new Stopped());
    };
  });
  step("asking");
  const answered = endpoint().then((address) => {
    if (isStopped) throw new Stopped();
    return address ? askServer(address, query) : askWorker(query, step);
  });
  return Promise.race([stopped, answered]);
}

/** Stop the running query. */
export function stop() {
  endStopped();
  worker?.terminate();
  worker = null;
}

async function askServer(address, query) {
  const aborter = new AbortController();
  const end = endStopped;
  endStopped = () => {
    aborter.abort();
    end();
  };
  const headers = { "Content-Type": "application/sparql-query", Accept: ACCEPT, "Accept-Language": settings.language };
  const request = fetch(address, { method: "POST", headers, body: query, signal: aborter.signal });
  const reply = await request.catch((problem) => Promise.reject(unanswered(problem.message)));
  if (!reply.ok) throw new Error((await reply.text()).trim());
  const kind = reply.headers.get("Content-Type") ?? "";
  return kind.startsWith("text/turtle") ? { turtle: await reply.text() } : { json: await reply.json() };
}

function unanswered(reason) {
  return new Error(words.failed.replace("{reason}", () => reason));
}

function askWorker(query, step) {
  if (!worker) {
    step("loading");
    worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  }
  const current = worker;
  return new Promise((resolve, reject) => {
    current.onmessage = ({ data }) => {
      if (data.loaded) step("asking");
      else if ("died" in data) {
        current.terminate(); // the next query has a new engine
        worker = null;
        reject(new Error(words.died));
      } else if ("problem" in data) reject(unanswered(complaint(query, data.problem)));
      else resolve(data);
    };
    current.onerror = (event) => {
      worker = null;
      reject(unanswered(event.message || "worker"));
    };
    current.postMessage({ query, dataset: file("dataset.nq.gz") });
  });
}
