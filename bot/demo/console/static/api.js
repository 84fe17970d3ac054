// Calls of the operator API and the cloud's admin API, on this page's own server.

const WORKSPACE = "/_workspace";
const CLOUD = "/_console/cloud";

async function answerOf(response) {
  const body = await response.json();
  if (body.ok) return body;
  const problem = new Error(body.errors ? Object.values(body.errors).join(" ") : body.error);
  problem.code = body.error;
  throw problem;
}

const sent = (method, body) => ({
  method,
  ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
});

export async function look(what, query = {}, root = WORKSPACE) {
  return answerOf(await fetch(`${root}/${what}?${new URLSearchParams(query)}`));
}

export async function act(what, body) {
  return answerOf(await fetch(`${WORKSPACE}/${what}`, sent("POST", body)));
}

// Uploads a person's file and returns Slack's file object.
export async function upload(user, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const content = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return (await act("upload", { user, name: file.name, content })).file;
}

// Calls the cloud simulator's admin API, whose refusals have the shape of its API errors.
export async function order(method, path, body) {
  const response = await fetch(`${CLOUD}/${path}`, sent(method, body));
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.messages?.map((each) => each.message).join(" ") ?? `status ${response.status}`);
  return answer;
}

export function listen(onChange, onState) {
  const source = new EventSource(`${WORKSPACE}/stream`);
  source.onmessage = (event) => onChange(JSON.parse(event.data));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
}
