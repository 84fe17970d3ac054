// A small app on @slack/bolt alone, as a program: `node app.cjs socket|http API_URL`. It writes a line of JSON
// for each thing that a test wants to know; Bolt's own log is on stderr.
const { App, HTTPReceiver, LogLevel, SocketModeReceiver } = require("@slack/bolt");
const { WebClient } = require("@slack/web-api");

const [mode, slackApiUrl] = process.argv.slice(2);
const logLevel = LogLevel.ERROR;

const tell = (name, about = {}) => process.stdout.write(`${JSON.stringify({ name, ...about })}\n`);
const words = (text) => ({ type: "plain_text", text });

const ROW = {
  type: "actions",
  block_id: "row",
  elements: [
    { type: "button", action_id: "order", text: words("Order"), value: "cake" },
    { type: "external_select", action_id: "find", min_query_length: 1, placeholder: words("Find") },
  ],
};
const FORM = {
  type: "modal",
  callback_id: "order",
  title: words("Order"),
  submit: words("Send"),
  notify_on_close: true,
  blocks: [
    {
      type: "input",
      block_id: "slices",
      label: words("Slices"),
      element: { type: "plain_text_input", action_id: "count" },
    },
  ],
};

function receiver() {
  if (mode === "http") return new HTTPReceiver({ signingSecret: "demo-signing-secret", logLevel });
  const options = { appToken: "xapp-demo", logLevel, installerOptions: { clientOptions: { slackApiUrl } } };
  const made = new SocketModeReceiver(options);
  // The client waits as long (ms) before it connects again as it waits for a pong; only the first may be short.
  made.client.on("connected", () => (made.client.clientPingTimeoutMS = 10));
  made.client.on("reconnecting", () => (made.client.clientPingTimeoutMS = 5000));
  return made;
}

const app = new App({ token: "xoxb-demo", receiver: receiver(), clientOptions: { slackApiUrl }, logLevel });

app.error(async (error) => tell("error", { code: error.code, message: error.message }));

app.command("/cake", async ({ command, ack, respond, client }) => {
  if (command.text === "public") return ack({ response_type: "in_channel", text: "Cake for all" });
  if (command.text === "word") return ack("Just a word");
  await ack();
  if (command.text === "many") {
    for (let n = 1; n <= 6; n += 1) await respond(`answer ${n}`);
  } else if (command.text === "failures") {
    tell("failures", await failures(client));
  } else {
    await respond({ text: `Which ${command.text} cake?`, blocks: [ROW] });
  }
});

app.action("order", async ({ ack, body, client, respond }) => {
  await ack();
  const opened = await client.views.open({
    trigger_id: body.trigger_id,
    view: { ...FORM, private_metadata: body.channel.id },
  });
  tell("opened", { view: opened.view.id, value: body.actions[0].value, ephemeral: body.container.is_ephemeral });
  await respond({ replace_original: true, text: `Ordering in ${opened.view.id}` });
});

app.action("find", async ({ ack, action }) => {
  await ack();
  tell("found", { value: action.selected_option.value });
});

app.options("find", ({ ack, options }) =>
  ack({ options: [1, 2].map((n) => ({ text: words(`${options.value} ${n}`), value: String(n) })) }),
);

app.view("order", async ({ ack, body, view, client }) => {
  const count = view.state.values.slices.count.value;
  if (!/^[0-9]+$/.test(count)) {
    return ack({ response_action: "errors", errors: { slices: "A number, please." } });
  }
  const channel = view.private_metadata;
  const again = { ...FORM, title: words("Again"), private_metadata: channel };
  if (count === "0") return ack({ response_action: "update", view: again });
  await ack();
  const posted = await client.chat.postMessage({ channel, text: `<@${body.user.id}> takes ${count}` });
  await client.chat.update({ channel, ts: posted.ts, text: `${posted.message.text}, thank you` });
  const uploaded = await client.files.uploadV2({
    channel_id: channel,
    thread_ts: posted.ts,
    initial_comment: "The bill",
    file_uploads: [
      { filename: "bill.csv", content: "slices;price\n2;5\n" },
      { filename: "crumbs.bin", file: Buffer.from([0, 13, 10, 255]), title: "Crumbs" },
    ],
  });
  tell("uploaded", { files: uploaded.files.flatMap((each) => each.files.map((file) => file.id)) });
});

app.view({ callback_id: "order", type: "view_closed" }, async ({ ack, view }) => {
  await ack();
  tell("closed", { view: view.id });
});

app.event("app_mention", async ({ event, say }) => {
  const said = await say({ text: "You called?", thread_ts: event.ts });
  tell("said", { ts: said.ts });
});

app.event("app_home_opened", ({ event, client }) =>
  client.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "divider" }] } }),
);

app.shortcut("look", async ({ ack, shortcut, respond }) => {
  await ack();
  await respond(`Looked at ${shortcut.message.text}`);
});

// What each refused call throws, as an app sees it.
async function failures(client) {
  const settings = { slackApiUrl, logLevel, rejectRateLimitedCalls: true, retryConfig: { retries: 0 } };
  const impatient = new WebClient("xoxb-demo", settings);
  const calls = {
    unknown_channel: () => client.chat.postMessage({ channel: "C0NOWHERE", text: "x" }),
    unknown_method: () => client.apiCall("cake.bake"),
    no_text: () => client.chat.postMessage({ channel: "C0OPS" }),
    bad_blocks: () => client.chat.postMessage({ channel: "C0OPS", text: "x", blocks: [{ type: "header" }] }),
    wrong_token: () => client.auth.test({ token: "xoxb-other" }),
    wrong_kind: () => client.chat.postMessage({ channel: "C0OPS", text: "x", token: "xapp-demo" }),
    missing_scope: () => client.reactions.add({ channel: "C0OPS", timestamp: "1.0", name: "cake" }),
    limited: () => impatient.users.info({ user: "U0ALICE" }),
    broken: () => impatient.conversations.info({ channel: "C0OPS" }),
  };
  const seen = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call();
      seen[name] = {};
    } catch ({ code, data, retryAfter, statusCode }) {
      seen[name] = { code, data, retryAfter, statusCode };
    }
  }
  return seen;
}

app.start(0).then(async (server) => {
  const who = await app.client.auth.test();
  const people = [];
  for await (const page of app.client.paginate("users.list", { limit: 3 })) people.push(page.members.length);
  tell("ready", { port: mode === "http" ? server.address().port : null, bot: who.user_id, pages: people });
});
