// What is known of the workspace, what the person at the page does, and when to look again.

import { act, listen, look, upload } from "./api.js";
import { learnNames, personOf } from "./names.js";
import { setPlace } from "./times.js";
import { inTurn } from "./turns.js";

// The workspace itself says these in the channel.
const SAID_ALREADY = ["operation_timeout", "dispatch_failed", "invalid_blocks"];
const COMPLAINT_MILLISECONDS = 6000;
const OFFLINE_MILLISECONDS = 1500;

const NOTHING = {
  me: "", channel: "", thread: null, tab: "messages", overview: null, clock: null, channels: [], messages: null,
  stack: [], home: null, seen: {}, confirm: null, banner: "", draft: null,
};

export class Desk {
  state = NOTHING;
  #onChange = () => {};
  #complaining = 0;
  #opened = "";
  #look = {
    state: inTurn(() => this.#lookAtState()),
    channels: inTurn(() => this.#lookAtChannels()),
    messages: inTurn(() => this.#lookAtMessages()),
    views: inTurn(() => this.#lookAtViews()),
  };

  async start(onChange) {
    this.#onChange = onChange;
    await this.#lookAtAll();
    listen((fact) => this.#onFact(fact), (isConnected) => this.#onConnection(isConnected));
  }

  now = () => new Date(this.state.clock.shown.getTime() + performance.now() - this.state.clock.at);

  isUnread(channel) {
    const { me, seen } = this.state;
    return channel.id !== this.state.channel && channel.latest > (seen[`${me} ${channel.id}`] ?? this.#opened);
  }

  async become(me, channel = this.state.channel) {
    const tab = channel === this.state.channel ? this.state.tab : "messages";
    this.#set({ me, channel, tab, thread: null, messages: null, stack: [], home: null });
    await this.#lookAtAll();
    if (this.state.tab === "home") await act("home", { user: me });
  }

  async enter(channel) {
    this.#set({ channel, thread: null, messages: null, tab: "messages" });
    await this.#look.messages();
  }

  async showTab(tab) {
    this.#set({ tab });
    if (tab === "home") await act("home", { user: this.state.me });
  }

  openThread = (thread) => this.#set({ thread });

  propose(text) {
    this.#set({ draft: { text } });
  }

  async advance(seconds) {
    await act("clock", { seconds });
    await this.#look.state();
  }

  send = async (text) => {
    const place = { user: this.state.me, channel: this.state.channel, text };
    if (!text.startsWith("/")) return act("say", place);
    return act("slash", place).catch((problem) => {
      if (!SAID_ALREADY.includes(problem.code)) throw problem;
    });
  };

  reply = (text) => act("say", { user: this.state.me, channel: this.state.channel, text, thread_ts: this.state.thread });

  confirmed(confirm) {
    return new Promise((resolve) => {
      const answer = (said) => {
        this.#set({ confirm: null });
        resolve(said);
      };
      this.#set({ confirm: { ...confirm, answer } });
    });
  }

  contextFor(message) {
    return this.contextAt({ channel: message.channel, ts: message.ts });
  }

  contextAt(place) {
    const named = (element, block) => ({ user: this.state.me, ...place, block_id: block.block_id, action_id: element.action_id });
    return {
      people: this.state.overview.people,
      channels: this.state.overview.channels,
      touch: (element, block, value) => this.#press(element, { ...named(element, block), value }),
      upload: (file) => upload(this.state.me, file),
      search: (element, block, text) => act("search", { ...named(element, block), text }).then((answer) => answer.options),
    };
  }

  complain(words) {
    clearTimeout(this.#complaining);
    this.#set({ banner: words });
    if (words) this.#complaining = setTimeout(() => this.#set({ banner: "" }), COMPLAINT_MILLISECONDS);
  }

  #set(patch) {
    this.state = { ...this.state, ...patch };
    this.#onChange(this.state);
  }

  async #press(element, body) {
    if (element.confirm && !(await this.confirmed(element.confirm))) return;
    try {
      await act("click", body);
    } catch (problem) {
      if (!SAID_ALREADY.includes(problem.code)) this.complain(`That did not work: ${problem.message}`);
    }
  }

  async #onFact({ kind, channel, user }) {
    if (kind === "messages" && channel === this.state.channel) await this.#look.messages();
    if (kind === "messages" || kind === "channels") await this.#look.channels();
    if (kind === "views" && user === this.state.me) await this.#look.views();
    if (kind === "clock") await this.#look.state();
  }

  async #onConnection(isConnected) {
    clearTimeout(this.#complaining);
    if (isConnected) {
      this.complain("");
      // Whatever was announced while nobody listened is read now.
      await this.#lookAtAll();
    } else {
      const words = "The workspace does not answer. Is the demo still running?";
      this.#complaining = setTimeout(() => this.#set({ banner: words }), OFFLINE_MILLISECONDS);
    }
  }

  async #lookAtAll() {
    await this.#look.state();
    await this.#look.channels();
    await Promise.all([this.#look.messages(), this.#look.views()]);
  }

  async #lookAtState() {
    const overview = await look("state");
    learnNames(overview);
    // Nobody has unread messages from before the page was opened.
    this.#opened ||= String(Date.parse(overview.now) / 1000);
    const me = this.state.me || overview.people.find((person) => !person.bot && !person.deleted).id;
    setPlace(personOf(me).tz ?? "UTC", this.now);
    this.#set({ overview, me, clock: { shown: new Date(overview.now), at: performance.now() } });
  }

  async #lookAtChannels() {
    const { me } = this.state;
    const { channels } = await look("channels", { user: me });
    if (me !== this.state.me) return;
    const stays = channels.some((channel) => channel.id === this.state.channel);
    const first = channels.find((channel) => channel.has_bot && channel.kind === "public") ?? channels[0];
    this.#set({ channels, ...(stays ? {} : { channel: first?.id ?? "", thread: null, messages: null, tab: "messages" }) });
  }

  async #lookAtMessages() {
    const { me, channel } = this.state;
    if (!channel) return;
    const { messages } = await look("messages", { user: me, channel });
    if (me !== this.state.me || channel !== this.state.channel) return;
    this.#set({ messages, seen: { ...this.state.seen, [`${me} ${channel}`]: messages.at(-1)?.ts ?? "" } });
  }

  async #lookAtViews() {
    const { me } = this.state;
    const { stack, home } = await look("views", { user: me });
    if (me === this.state.me) this.#set({ stack, home });
  }
}
