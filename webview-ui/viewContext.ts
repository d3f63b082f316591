/** What every view of the dashboard is given besides its data: the words, the way back to the host, and the page's own small state. */
import type { FromDashboard } from "../src/shared/messages";
import type { Strings } from "../src/shared/strings";

/** State of the page itself; lost with it, which costs nothing. */
export interface PageState {
  /** Sector that has the keyboard in the flash map. */
  cell: number;
  /** Sector under the pointer. */
  pointed: number | undefined;
  /** Cells in a row of the flash map; follows the width of the page. */
  columns: number;
}

export interface Context {
  readonly strings: Strings;
  readonly locale: string;
  readonly page: PageState;
  readonly repaint: () => void;
}

export interface DashboardContext extends Context {
  readonly send: (intent: FromDashboard) => void;
}
