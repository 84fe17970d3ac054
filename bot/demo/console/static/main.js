// The page: the parts of the client's state that are shown.

import { h, render } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { placeOf, useAddress } from "./address.js";
import { useAudit } from "./audit.js";
import { Blocks } from "./blocks.js";
import { Composer, ReplyBox } from "./composer.js";
import { Client } from "./client.js";
import { Confirm, Modal } from "./dialogs.js";
import { onEscape, useReturnedFocus } from "./focus.js";
import { Guide } from "./guide.js";
import { Head, keepTheme } from "./head.js";
import { icon } from "./icons.js";
import { MessageList } from "./messages.js";
import { personOf } from "./names.js";
import { Panel } from "./panel.js";
import { Shortcuts } from "./shortcuts.js";
import { Sidebar } from "./sidebar.js";

const END_PIXELS = 60;
const PANEL = "pgbot-demo-panel";
const WIDE_PIXELS = 1200;
const WIDE_WITH_THREAD_PIXELS = 1500;

// The list follows its end, unless the person has scrolled up or asked for one message by its link.
function Scroll({ place, messages, linked, children }) {
  const box = useRef();
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    isAtEnd.current = true;
  }, [place]);
  const follow = () => {
    if (isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(follow, [place, messages]);
  useLayoutEffect(() => {
    const message = linked && box.current.querySelector(`[data-ts="${linked}"]`);
    if (!message) return;
    isAtEnd.current = false;
    message.scrollIntoView({ block: "center" });
    message.focus({ preventScroll: true });
  }, [linked]);
  useEffect(() => {
    // A thread or the panel beside the list changes the length of its lines.
    const observer = new ResizeObserver(follow);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const onScroll = ({ currentTarget: at }) => {
    isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < END_PIXELS;
  };
  return h("div", { class: "scroll", id: "scroll", ref: box, tabindex: 0, role: "log", "aria-live": "polite", "aria-label": "Messages", onscroll: onScroll }, children);
}

function Home({ client }) {
  const { home } = client.state;
  const page = home ? h(Blocks, { blocks: home.blocks, context: client.contextAt({ view_id: home.id }) }) : h("p", { class: "empty" }, "The app has not published anything here yet.");
  return h("div", { class: "home-page", id: "home-page" }, page);
}

function Conversation({ client, hints, channel, guide }) {
  const { state } = client;
  const command = state.overview.commands[0]?.name;
  const place = channel.kind === "im" ? channel.name : `#${channel.name}`;
  const placeholder = command ? `Message ${place}, or type ${command}` : `Message ${place}`;
  const isHome = state.tab === "home";
  return h(
    "section", { class: "conversation", "aria-label": "Conversation" },
    isHome
      ? h(Home, { client })
      : h(Scroll, { place: `${state.me} ${channel.id}`, messages: state.messages, linked: state.linked },
          h(MessageList, { id: "messages", client, messages: state.messages, onThread: client.openThread })),
    h(Composer, { key: "composer", hints, draft: state.draft, placeholder, hidden: isHome || channel.archived, onSend: client.send },
      h(Shortcuts, { client, kind: "global", label: "Shortcuts" })),
    channel.archived && h("p", { class: "archived" }, `${place} is archived. Nobody can post here.`),
    guide,
  );
}

function Thread({ client }) {
  const { messages, thread } = client.state;
  const close = () => client.openThread(null);
  useReturnedFocus();
  return h(
    "aside", { class: "thread", id: "thread", "aria-label": "Thread", onkeydown: onEscape(close) },
    h("header", {}, h("h2", {}, "Thread"),
      h("button", { class: "icon-button", type: "button", "aria-label": "Close the thread", onclick: close }, icon("close"))),
    h("div", { class: "thread-scroll", tabindex: 0, role: "log", "aria-label": "Messages of the thread" }, h(MessageList, { id: "thread-messages", client, messages, thread })),
    h(ReplyBox, { key: thread, onSend: client.reply }),
  );
}

function usePanel(setup) {
  const kept = localStorage.getItem(PANEL);
  const [isOpen, setOpen] = useState(kept ? kept === "open" : innerWidth >= WIDE_PIXELS);
  const toggle = () => {
    // On a small screen it takes the place of the conversation, so that an open panel is not remembered.
    if (innerWidth >= WIDE_PIXELS) localStorage.setItem(PANEL, isOpen ? "shut" : "open");
    setOpen(!isOpen);
  };
  return setup.cloud || setup.audit || setup.guide.length ? { isOpen, toggle } : null;
}

function useWidth(pixels) {
  const media = matchMedia(`(min-width: ${pixels}px)`);
  const [isWide, setWide] = useState(media.matches);
  useEffect(() => {
    const look = () => setWide(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, [pixels]);
  return isWide;
}

function useStart(client) {
  const [state, setState] = useState(client.state);
  useEffect(() => {
    client.start(setState, placeOf(location.hash)).then(() => {
      document.documentElement.dataset.ready = "true";
      if (document.activeElement === document.body) document.querySelector("#composer-text").focus();
    });
  }, []);
  return state;
}

function useSide() {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef();
  return {
    isOpen,
    open: ({ currentTarget }) => {
      opener.current = currentTarget;
      setOpen(true);
    },
    close: () => {
      setOpen(false);
      // The button is usable again once the drawer is no longer modal.
      requestAnimationFrame(() => opener.current.focus());
    },
  };
}

function Dialogs({ client, state }) {
  const view = state.stack.at(-1);
  return [
    view && h(Modal, { key: "modal", client, view, isDeeper: state.stack.length > 1 }),
    state.confirm && h(Confirm, { key: "confirm", confirm: state.confirm }),
  ];
}

function App({ client, setup }) {
  const state = useStart(client);
  const side = useSide();
  const panel = usePanel(setup);
  const rows = useAudit(setup.audit);
  const isWide = useWidth(state.thread ? WIDE_WITH_THREAD_PIXELS : WIDE_PIXELS);
  useAddress(client, state);
  const channel = state.channels.find((each) => each.id === state.channel);
  useEffect(() => {
    if (channel) document.title = `${channel.name} as ${personOf(state.me).real_name}`;
  }, [channel?.name, state.me]);
  if (!channel) return null;
  const guide = setup.guide.length > 0 && h(Guide, { client, steps: setup.guide, rows });
  return [
    h("a", { class: "skip", href: "#composer-text" }, "Skip to the message box"),
    h("div", { class: "frame" },
      h(Sidebar, { client, isOpen: side.isOpen, onClose: side.close }),
      side.isOpen && h("div", { class: "veil", onclick: side.close }),
      h("main", { class: "pane", inert: side.isOpen },
        h(Head, { client, channel, panel, side }),
        state.banner && h("div", { class: "banner", role: "alert" }, state.banner),
        h("div", { class: "columns" },
          h(Conversation, { client, hints: setup.hints, channel, guide: !isWide && guide }),
          state.thread && h(Thread, { client }),
          panel?.isOpen && h(Panel, { client, setup, rows, guide: isWide && guide, isPage: !isWide, onClose: panel.toggle })))),
    h(Dialogs, { client, state }),
  ];
}

keepTheme();
const setup = await (await fetch("_console/setup")).json();
render(h(App, { client: new Client(), setup }), document.getElementById("page"));
