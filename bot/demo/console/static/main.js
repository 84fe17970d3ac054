// The page: who we act as, where we are, and what happens when something in the workspace changes.

import { act, listen, look } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { startComposer } from "./composer.js";
import { confirmed, createModal } from "./dialogs.js";
import { byId, h } from "./dom.js";
import { startFrame } from "./frame.js";
import { icon } from "./icons.js";
import { drawMessages } from "./messages.js";
import { learnNames, personOf } from "./names.js";
import { drawChannels, drawPeople } from "./sidebar.js";
import { setPlace } from "./times.js";
import { inTurn } from "./turns.js";

const here = { me: "", channel: "", channels: [], overview: null, messages: [], thread: null, tab: "messages", seen: new Map() };
const frame = startFrame({ onAdvance: (seconds) => act("clock", { seconds }).then(() => refreshState()) });
const modal = createModal({ personId: () => here.me, contextBase });
const refreshState = inTurn(lookState);
const refreshChannels = inTurn(lookChannels);
const refreshMessages = inTurn(lookMessages);
const refreshViews = inTurn(lookViews);
let composer;

function contextBase() {
  return { people: here.overview.people, channels: here.overview.channels };
}

function contextFor(message) {
  const place = { user: here.me, channel: here.channel, ts: message.ts };
  return {
    ...contextBase(),
    search: (element, block, text) =>
      act("search", { ...place, block_id: block.block_id, action_id: element.action_id, text }).then((answer) => answer.options),
    touch: (element, block, value) => press(element, { ...place, block_id: block.block_id, action_id: element.action_id, value }),
  };
}

async function press(element, body) {
  if (element.confirm && !(await confirmed(element.confirm))) return;
  try {
    await act("click", body);
  } catch (problem) {
    if (!["operation_timeout", "dispatch_failed"].includes(problem.code)) frame.complain(`That did not work: ${problem.message}`);
  }
}

async function lookState() {
  const overview = await look("state");
  const first = !here.overview;
  here.overview = overview;
  learnNames(overview);
  frame.setClock(new Date(overview.now));
  if (first) here.me = overview.people.find((person) => !person.bot && !person.deleted).id;
  setPlace(personOf(here.me).tz ?? "UTC", frame.now);
  drawPeople(byId("people"), overview.people, { me: here.me, onPerson: become });
}

async function lookChannels() {
  const asked = here.me;
  const { channels } = await look("channels", { user: asked });
  if (asked !== here.me) return;
  here.channels = channels;
  if (!here.channels.some((channel) => channel.id === here.channel)) {
    here.channel = (here.channels.find((channel) => channel.has_bot && channel.kind === "public") ?? here.channels[0])?.id ?? "";
  }
  for (const channel of here.channels) if (!here.seen.has(channel.id)) here.seen.set(channel.id, channel.latest);
  drawHead();
}

function drawHead() {
  const channel = here.channels.find((each) => each.id === here.channel);
  if (!channel) return;
  const topic = [channel.topic, channel.external && "shared with another company", !channel.has_bot && "the app is not in this channel"];
  const sign = { public: "hash", private: "lock", im: "mail" }[channel.kind];
  byId("channel-name").replaceChildren(icon(sign), ` ${channel.name}`);
  byId("channel-topic").textContent = topic.filter(Boolean).join(" · ");
  document.title = `${channel.name} as ${personOf(here.me).real_name}`;
  byId("tabs").hidden = channel.kind !== "im" || !here.overview.home_tab;
  if (byId("tabs").hidden) here.tab = "messages";
  drawTab();
  drawChannels(byId("channels"), here.channels, { current: here.channel, seen: here.seen, onChannel: enter });
  const command = here.overview.commands[0]?.name;
  const place = channel.kind === "im" ? channel.name : `#${channel.name}`;
  composer.describe(command ? `Message ${place}, or type ${command} for commands` : `Message ${place}`);
}

function drawTab() {
  const home = here.tab === "home";
  byId("tab-home").setAttribute("aria-pressed", String(home));
  byId("tab-messages").setAttribute("aria-pressed", String(!home));
  byId("home-page").hidden = !home;
  byId("scroll").hidden = home;
  byId("composer").hidden = home;
}

async function lookMessages() {
  const asked = `${here.me} ${here.channel}`;
  if (!here.channel) return;
  const { messages } = await look("messages", { user: here.me, channel: here.channel });
  if (asked !== `${here.me} ${here.channel}`) return;
  const scroll = byId("scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  here.messages = messages;
  here.seen.set(here.channel, messages.at(-1)?.ts ?? "");
  drawMessages(byId("messages"), messages, { contextFor, onThread: openThread });
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  drawThread();
}

function openThread(ts) {
  here.thread = ts;
  drawThread();
  byId("thread-text").focus();
}

function drawThread() {
  byId("thread").hidden = !here.thread;
  if (here.thread) drawMessages(byId("thread-messages"), here.messages, { contextFor, thread: here.thread });
}

async function lookViews() {
  const asked = here.me;
  const { stack, home } = await look("views", { user: asked });
  if (asked !== here.me) return;
  modal.update(stack);
  const page = byId("home-page");
  const touch = (element, block, value) => press(element, { user: here.me, view_id: home.id, block_id: block.block_id, action_id: element.action_id, value });
  const search = (element, block, text) =>
    act("search", { user: here.me, view_id: home.id, block_id: block.block_id, action_id: element.action_id, text }).then((answer) => answer.options);
  page.replaceChildren(home ? renderBlocks(home.blocks, { ...contextBase(), touch, search }) : h("p", { class: "empty" }, "The app has not published anything here yet."));
}

async function become(person) {
  Object.assign(here, { me: person, thread: null });
  here.seen.clear();
  byId("messages").replaceChildren();
  await refreshState();
  await refreshChannels();
  await Promise.all([refreshMessages(), refreshViews()]);
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
}

async function enter(channel) {
  Object.assign(here, { channel, thread: null });
  frame.closeSide();
  byId("messages").replaceChildren();
  await refreshMessages();
  await refreshChannels();
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
  composer.focus();
}

async function send(text) {
  const place = { user: here.me, channel: here.channel, text };
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
  if (!text.startsWith("/")) return act("say", place);
  const outcome = await act("slash", place).catch((problem) => {
    // The workspace itself has said so in the channel already.
    if (["operation_timeout", "dispatch_failed", "invalid_blocks"].includes(problem.code)) return null;
    throw problem;
  });
  return outcome;
}

async function onFact(fact) {
  if (fact.kind === "messages" && fact.channel === here.channel) await refreshMessages();
  if (fact.kind === "messages" || fact.kind === "channels") await refreshChannels();
  if (fact.kind === "views" && fact.user === here.me) await refreshViews();
  if (fact.kind === "clock") await refreshState();
}

function startTabs() {
  byId("tab-messages").addEventListener("click", () => {
    here.tab = "messages";
    drawTab();
  });
  byId("tab-home").addEventListener("click", () => {
    here.tab = "home";
    drawTab();
    act("home", { user: here.me });
  });
  byId("close-thread").addEventListener("click", () => {
    here.thread = null;
    drawThread();
    composer.focus();
  });
  byId("thread-composer").addEventListener("submit", sendReply);
  byId("thread-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) sendReply(event);
  });
}

async function sendReply(event) {
  event.preventDefault();
  const box = byId("thread-text");
  const text = box.value.trim();
  box.value = "";
  if (text) await act("say", { user: here.me, channel: here.channel, text, thread_ts: here.thread });
}

const hints = await (await fetch("hints.json")).json();
composer = startComposer({ hints, onSend: send });
startTabs();
await refreshState();
await become(here.me);
listen(onFact, async (connected) => {
  frame.setConnected(connected);
  // Whatever was announced while nobody listened is read now.
  if (connected) await Promise.all([refreshState(), refreshChannels(), refreshMessages(), refreshViews()]);
});
composer.focus();
document.documentElement.dataset.ready = "true";
