// Focus: back to where it was when a dialog or a column closes, and the arrow keys in a list.

import { useLayoutEffect } from "preact/hooks";

const FALLBACK = "#composer-text";

const isUsable = (element) => element?.isConnected && element !== document.body && element.checkVisibility();

// Remembers the focus and gives it back, unless the person has moved on to something else.
export function useReturnedFocus() {
  useLayoutEffect(() => {
    const before = document.activeElement;
    return () => requestAnimationFrame(() => {
      if (isUsable(document.activeElement)) return;
      const target = isUsable(before) ? before : document.querySelector(FALLBACK);
      target?.focus();
    });
  }, []);
}

// For a list of buttons: the arrow keys, Home and End move the focus.
export function moveFocus(event) {
  const buttons = [...event.currentTarget.querySelectorAll("button:not(:disabled)")];
  const at = buttons.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (next === undefined || at < 0) return;
  event.preventDefault();
  buttons[(next + buttons.length) % buttons.length].focus();
}

// Escape anywhere inside, where no dialog or list has used it.
export const onEscape = (close) => (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  event.preventDefault();
  event.stopPropagation();
  close();
};
