// Talks to the operator's handle of the stand-in workspace, on this machine and nowhere else.

const ROOT = "/_workspace";

async function answerOf(response) {
  const body = await response.json();
  if (body.ok) return body;
  const problem = new Error(body.errors ? Object.values(body.errors).join(" ") : body.error);
  problem.code = body.error;
  throw problem;
}

export async function look(what, query = {}) {
  return answerOf(await fetch(`${ROOT}/${what}?${new URLSearchParams(query)}`));
}

export async function act(what, body) {
  return answerOf(
    await fetch(`${ROOT}/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

export function listen(onFact, onState) {
  const source = new EventSource(`${ROOT}/stream`);
  source.onmessage = (event) => onFact(JSON.parse(event.data));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
}
