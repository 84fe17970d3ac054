// The client of the workspace: its state for one person, the person's actions, and reloading.

import { goTo } from "./address.js";
import { act, listen, look, upload } from "./api.js";
import { learnNames, personOf } from "./names.js";
import { setPlace } from "./times.js";
import { oneAtATime } from "./turns.js";

// The workspace itself shows these errors in the channel.
const SHOWN_IN_CHANNEL = ["operation_timeout", "dispatch_failed", "invalid_blocks"];
const BANNER_MILLISECONDS = 6000;
const OFFLINE_MILLISECONDS = 1500;
const OFFLINE = "The workspace does not respond. Is the demo still running?";

const NOTHING = {
  me: "", channel: "", thread: null, tab: "messages", overview: null, clock: null, channels: [], messages: null,
  stack: [], home: null, seen: {}, confirm: null, banner: "", draft: null, linked: null, isStarted: false,
};

export class Client {
  state = NOTHING;
  #onChange = () => {};
  #bannerTimer = 0;
  #offlineTimer = 0;
  #opened = "";
  #reload = {
    state: oneAtATime(() => this.#loadState()),
    channels: oneAtATime(() => this.#loadChannels()),
    messages: oneAtATime(() => this.#loadMessages()),
    views: oneAtATime(() => this.#loadViews()),
  };

  async start(onChange, place) {
    this.#onChange = onChange;
    await this.#loadAll();
    await goTo(this, place);
    this.#set({ isStarted: true });
    listen((change) => this.#onChangeEvent(change), (isConnected) => this.#onConnection(isConnected));
  }

  now = () => new Date(this.state.clock.shown.getTime() + performance.now() - this.state.clock.at);

  isUnread(channel) {
    const { me, seen } = this.state;
    return channel.id !== this.state.channel && channel.latest > (seen[`${me} ${channel.id}`] ?? this.#opened);
  }

  async switchTo(me, channel = this.state.channel) {
    const tab = channel === this.state.channel ? this.state.tab : "messages";
    this.#set({ me, channel, tab, thread: null, linked: null, messages: null, stack: [], home: null });
    await this.#loadAll();
    if (this.state.tab === "home") await act("home", { user: me });
  }

  async enter(channel) {
    this.#set({ channel, thread: null, linked: null, messages: null, tab: "messages" });
    await this.#reload.messages();
  }

  async showTab(tab) {
    this.#set({ tab });
    if (tab === "home") await act("home", { user: this.state.me });
  }

  openThread = (thread, linked = null) => this.#set({ thread, linked });

  async closeForm(view_id) {
    // One that is not there was closed in another way a moment ago.
    await act("close", { user: this.state.me, view_id }).catch((problem) => problem.code === "not_found" || Promise.reject(problem));
    await this.#reload.views();
  }

  draft(text) {
    this.#set({ draft: { text } });
  }

  async advance(seconds) {
    await act("clock", { seconds });
    await this.#reload.state();
  }

  send = async (text) => {
    const message = { user: this.state.me, channel: this.state.channel, text };
    if (!text.startsWith("/")) return act("say", message);
    return act("slash", message).catch((problem) => {
      if (!SHOWN_IN_CHANNEL.includes(problem.code)) throw problem;
    });
  };

  reply = async (text) => {
    // Slack's clients refuse it without asking the app.
    if (text.startsWith("/")) throw new Error(`${text.split(" ")[0]} is not supported in threads.`);
    return act("say", { user: this.state.me, channel: this.state.channel, text, thread_ts: this.state.thread });
  };

  confirmed(confirm) {
    return new Promise((resolve) => {
      const answer = (isConfirmed) => {
        this.#set({ confirm: null });
        resolve(isConfirmed);
      };
      this.#set({ confirm: { ...confirm, answer } });
    });
  }

  contextFor(message) {
    return this.contextAt({ channel: message.channel, ts: message.ts });
  }

  contextAt(place) {
    const target = (element, block) => ({ user: this.state.me, ...place, block_id: block.block_id, action_id: element.action_id });
    return {
      people: this.state.overview.people,
      channels: this.state.overview.channels,
      conversations: this.state.channels,
      use: (element, block, value) => this.#press(element, { ...target(element, block), value }),
      upload: (file) => upload(this.state.me, file),
      search: (element, block, text) => act("search", { ...target(element, block), text }).then((answer) => answer.options),
    };
  }

  showBanner(words) {
    clearTimeout(this.#bannerTimer);
    this.#set({ banner: words });
    if (words) this.#bannerTimer = setTimeout(() => this.#set({ banner: "" }), BANNER_MILLISECONDS);
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
      if (!SHOWN_IN_CHANNEL.includes(problem.code)) this.showBanner(`That did not work: ${problem.message}`);
    }
  }

  async #onChangeEvent({ kind, channel, user }) {
    if (kind === "messages" && channel === this.state.channel) await this.#reload.messages();
    if (kind === "messages" || kind === "channels") await this.#reload.channels();
    if (kind === "views" && user === this.state.me) await this.#reload.views();
    if (kind === "clock") await this.#reload.state();
  }

  async #onConnection(isConnected) {
    if (isConnected) {
      if (this.state.banner === OFFLINE) this.showBanner("");
      clearTimeout(this.#offlineTimer);
      // Read what has changed while the page was disconnected.
      await this.#loadAll();
    } else {
      clearTimeout(this.#offlineTimer);
      this.#offlineTimer = setTimeout(() => this.#set({ banner: OFFLINE }), OFFLINE_MILLISECONDS);
    }
  }

  async #loadAll() {
    await this.#reload.state();
    await this.#reload.channels();
    await Promise.all([this.#reload.messages(), this.#reload.views()]);
  }

  async #loadState() {
    const overview = await look("state");
    learnNames(overview);
    // Messages from before the page was opened do not count as unread.
    this.#opened ||= String(Date.parse(overview.now) / 1000);
    const me = this.state.me || overview.people.find((person) => !person.bot && !person.deleted).id;
    setPlace(personOf(me).tz ?? "UTC", this.now);
    this.#set({ overview, me, clock: { shown: new Date(overview.now), at: performance.now() } });
  }

  async #loadChannels() {
    const { me } = this.state;
    const { channels } = await look("channels", { user: me });
    if (me !== this.state.me) return;
    const stays = channels.some((channel) => channel.id === this.state.channel);
    const first = channels.find((channel) => channel.has_bot && channel.kind === "public") ?? channels[0];
    this.#set({ channels, ...(stays ? {} : { channel: first?.id ?? "", thread: null, messages: null, tab: "messages" }) });
  }

  async #loadMessages() {
    const { me, channel } = this.state;
    if (!channel) return;
    const { messages } = await look("messages", { user: me, channel });
    if (me !== this.state.me || channel !== this.state.channel) return;
    this.#set({ messages, seen: { ...this.state.seen, [`${me} ${channel}`]: messages.at(-1)?.ts ?? "" } });
  }

  async #loadViews() {
    const { me } = this.state;
    const { stack, home } = await look("views", { user: me });
    if (me === this.state.me) this.#set({ stack, home });
  }
}
