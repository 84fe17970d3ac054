// The address's fragment is the place that is shown: #/U0BOB/C0OPS, then home, thread/TS, message/TS or form/ID.
// The person and the channel may be left out. Back and forward go from place to place.

import { useEffect, useRef } from "preact/hooks";
import { act } from "./api.js";
import { personOf } from "./names.js";

const PLACE = /^#(?:\/(U\w+))?(?:\/([CDG]\w+))?(?:\/(home)|\/(thread|message|form)\/([\w.-]+))?$/;

export function placeOf(fragment) {
  const [, me, channel, home, kind = home, id] = PLACE.exec(fragment) ?? [];
  return { me, channel, kind, id };
}

export function fragmentOf({ me, channel, tab, thread, linked, stack }) {
  const form = stack.at(-1)?.id;
  const inside = form ? `/form/${form}` : tab === "home" ? "/home" : thread ? `/thread/${thread}` : linked ? `/message/${linked}` : "";
  return `#/${me}/${channel}${inside}`;
}

// What this person can't see is said, and the page stays where it is.
export async function goTo(client, { me, channel, kind, id }) {
  const isPerson = client.state.overview.people.some((person) => person.id === me && !person.bot && !person.deleted);
  if (isPerson && me !== client.state.me) await client.switchTo(me, channel);
  const wanted = channel ?? client.state.channel;
  const there = client.state.channels.find((each) => (kind === "home" ? each.kind === "im" : each.id === wanted));
  if (!there) return client.showBanner(`${personOf(client.state.me).real_name} can't see that conversation.`);
  if (there.id !== client.state.channel) await client.enter(there.id);
  if (kind === "form") return openForm(client, id);
  const tab = kind === "home" ? "home" : "messages";
  if (tab !== client.state.tab) await client.showTab(tab);
  showMessage(client, kind, id);
}

// A form that is open is shown by itself; another one is the app's shortcut of this name.
async function openForm(client, id) {
  const isShortcut = client.state.overview.shortcuts.some((each) => each.callback_id === id && each.kind === "global");
  if (isShortcut) await act("shortcut", { user: client.state.me, callback_id: id });
}

function showMessage(client, kind, id) {
  const message = client.state.messages?.find((each) => each.ts === id);
  if (id && !message) client.showBanner(`${personOf(client.state.me).real_name} can't see that message, or it was deleted.`);
  client.openThread(kind === "thread" ? message?.ts ?? null : message?.thread_ts ?? null, kind === "message" && message ? id : null);
}

export function useAddress(client, state) {
  const shown = useRef("");
  const isGoing = useRef(false);
  const isThere = state.isStarted && Boolean(state.channel);
  const fragment = isThere && fragmentOf(state);

  useEffect(() => {
    // On the way to a place the page passes others, which are not shown on purpose.
    const now = fragmentOf(client.state);
    if (!isThere || isGoing.current || now === shown.current) return;
    const before = shown.current;
    shown.current = now;
    if (now === location.hash) return;
    // The back button closes a form, so a form that was closed leaves no place to go back to.
    if (before.includes("/form/") && history.state?.from === now) history.back();
    else if (before) history.pushState({ from: before }, "", now);
    else history.replaceState(null, "", now);
  }, [fragment]);

  useEffect(() => {
    const go = async () => {
      isGoing.current = true;
      const place = placeOf(location.hash);
      const form = client.state.stack.at(-1)?.id;
      try {
        if (form && place.id !== form) await client.closeForm(form);
        await goTo(client, place);
      } finally {
        isGoing.current = false;
      }
      shown.current = fragmentOf(client.state);
      // A place that does not exist must not stay in the address.
      if (location.hash !== shown.current) history.replaceState(history.state, "", shown.current);
    };
    addEventListener("popstate", go);
    return () => removeEventListener("popstate", go);
  }, []);
}
