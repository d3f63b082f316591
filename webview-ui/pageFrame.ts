/**
 * The frame both pages share: paints into the body, follows the width, tells screen readers what changed, and moves the
 * focus when what had it is gone. Elements that stay keep their focus, selection and scroll position. Knows no content.
 */
import { render, type VNode } from "preact";
import type { PageState } from "./viewContext";

export interface Painted {
  readonly content: VNode;
  /** Changes when the page is about something else now: the main heading is offered to the reader. */
  readonly subject: string;
  /** Told to screen readers when it changes; short. */
  readonly announcement: string;
  /** What a person is asked now; undefined while nothing is. Another question is brought into view and takes the focus. */
  readonly asks: string | undefined;
  readonly locale: string;
  readonly title: string;
}

export interface Page {
  readonly state: PageState;
  paint(painted: Painted): void;
}

const NARROW = 32;
const WIDE = 64;
/** Below this many pixels a row of 64 cells could not be told apart. */
const WIDE_FROM = 900;

export function createPage(onResize: () => void): Page {
  const main = document.createElement("main");
  const live = document.createElement("div");
  live.setAttribute("role", "status");
  live.className = "visually-hidden";
  document.body.append(main, live);

  const state: PageState = { cell: 0, pointed: undefined, columns: columnsFor(document.body.clientWidth) };
  window.addEventListener("resize", () => {
    const columns = columnsFor(document.body.clientWidth);
    if (columns === state.columns) return;
    state.columns = columns;
    onResize();
  });

  const heading = (): HTMLElement | null => main.querySelector<HTMLElement>("[data-main]");
  let subject: string | undefined;
  let asked: string | undefined;
  let waitsForFocus = false;
  /** The page takes the focus from no other part of the window: a question waits until the page has it. */
  const turnToQuestion = (): void => {
    heading()?.closest("section")?.scrollIntoView({ block: "start" });
    waitsForFocus = !document.hasFocus();
    if (!waitsForFocus) heading()?.focus({ preventScroll: true });
  };
  window.addEventListener("focus", () => {
    if (waitsForFocus) heading()?.focus({ preventScroll: true });
    waitsForFocus = false;
  });
  return {
    state,
    paint(painted) {
      const focused = document.activeElement;
      const hadFocus = focused !== null && focused !== document.body;
      document.querySelector("#loading")?.remove();
      render(painted.content, main);
      document.documentElement.lang = painted.locale;
      document.title = painted.title;
      if (live.textContent !== painted.announcement) live.textContent = painted.announcement;
      const isNew = subject !== undefined && subject !== painted.subject;
      subject = painted.subject;
      // Someone was working with the keyboard here, and what they were at is gone: go on at the heading of the new state.
      const lostFocus = hadFocus && !(focused.isConnected && main.contains(focused));
      const asksAnew = painted.asks !== undefined && painted.asks !== asked;
      asked = painted.asks;
      if (asked === undefined) waitsForFocus = false;
      if (asksAnew) turnToQuestion();
      else if (lostFocus && isNew) heading()?.focus();
    },
  };
}

const columnsFor = (width: number): number => (width >= WIDE_FROM ? WIDE : NARROW);
